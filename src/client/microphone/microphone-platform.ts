/** Why there is no microphone: whoever sits there said no, or there is none to be had. `reason` is a sentence for people. */
export interface MicrophoneFailure {
  readonly status: 'denied' | 'unavailable'
  readonly reason: string
}

/** What the microphone takes from the machine. */
export interface MicrophonePlatform {
  /** Why none can be had on this page at all; undefined where one may. */
  whyNot(): string | undefined
  /** Asks for one, which may ask whoever sits there. Rejects with what `explain` understands. */
  open(): Promise<MediaStreamTrack>
  explain(error: unknown): MicrophoneFailure
}

/** What people say is cleaned of what the loudspeaker says, of noise, and made equally loud. */
const constraints: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: { ideal: 1 },
}

/** The browser's own. */
export const browserMicrophone: MicrophonePlatform = {
  whyNot() {
    if (typeof document === 'undefined') return 'A program outside of a browser has no microphone here'
    if (!isSecureContext) {
      return 'A browser lets secure pages only have the microphone: open this page by HTTPS, or at localhost'
    }
    return 'mediaDevices' in navigator ? undefined : 'This browser has no microphone for pages'
  },
  async open() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: constraints })
    const [track] = stream.getAudioTracks()
    if (!track) throw new DOMException('A stream without a track', 'NotFoundError')
    return track
  },
  explain(error) {
    const name = error instanceof DOMException ? error.name : ''
    if (name === 'NotAllowedError' || name === 'SecurityError') {
      const reason =
        'The browser does not let this page have the microphone: allow it beside the address, and try again'
      return { status: 'denied', reason }
    }
    if (name === 'NotFoundError') return { status: 'unavailable', reason: 'There is no microphone' }
    return { status: 'unavailable', reason: 'The microphone cannot be opened: another program may have it' }
  },
}
