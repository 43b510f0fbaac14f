import type { Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/readable.ts'
import type { MediaTracks } from './path/media-path.ts'

/** A page that nobody looks at shows no picture. */
const patienceMs = 500

/** Shows what comes in every attached element, from one connection to the next and from one path to another. */
export class Playback {
  readonly #elements = new Map<HTMLVideoElement, MediaStream>()
  readonly #clock: Clock
  #tracks: MediaTracks | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  attach(element: HTMLVideoElement): Unsubscribe {
    this.#elements.set(element, new MediaStream())
    if (this.#tracks) this.#show(element, this.#tracks)
    return () => {
      this.#elements.delete(element)
      element.srcObject = null
    }
  }

  /** Picture and sound of another path; an element keeps what it shows until there is a picture to show. */
  play(tracks: MediaTracks): void {
    const showAll = () => {
      if (this.#tracks !== tracks) return
      for (const element of this.#elements.keys()) this.#show(element, tracks)
    }
    const isFirst = this.#tracks === undefined
    this.#tracks = tracks
    if (isFirst || !tracks.video.muted) showAll()
    else tracks.video.addEventListener('unmute', showAll, { once: true })
  }

  close(): void {
    this.#tracks = undefined
    for (const element of this.#elements.keys()) element.srcObject = null
    this.#elements.clear()
  }

  /**
   * Exchanges the tracks of the element's stream: a stream that is exchanged itself takes the picture away. The former
   * picture leaves before the new one comes, because Firefox shows the one that was there first; the former sound leaves
   * last, because an element whose stream has nothing left begins anew.
   */
  #show(element: HTMLVideoElement, tracks: MediaTracks): void {
    const stream = this.#elements.get(element)
    if (!stream) return
    const { video, audio } = tracks
    const sound = (track: MediaStreamTrack) => {
      if (this.#tracks !== tracks || this.#elements.get(element) !== stream) return
      stream.addTrack(track)
      for (const former of stream.getAudioTracks()) if (former !== track) stream.removeTrack(former)
    }
    for (const former of stream.getVideoTracks()) if (former !== video) stream.removeTrack(former)
    stream.addTrack(video)
    if (audio instanceof MediaStreamTrack) sound(audio)
    // Without a device there are pictures only.
    else
      void this.#nextPicture(element)
        .then(audio)
        .then(sound, () => {})
    if (element.srcObject !== stream) element.srcObject = stream
    element.play().catch((error: unknown) => {
      // Sound without a gesture of the user is refused: a picture without sound is not.
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
      element.muted = true
      element.play().catch(() => {})
    })
  }

  #nextPicture(element: HTMLVideoElement): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(patienceMs, resolve)
      // Firefox has it since 132.
      if ('requestVideoFrameCallback' in element) element.requestVideoFrameCallback(() => resolve())
    })
  }
}
