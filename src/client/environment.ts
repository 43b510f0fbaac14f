import { systemClock, type Clock } from '../kernel/clock.ts'
import type { Unsubscribe } from '../kernel/readable.ts'
import { browserWebMedia, type WebMediaPlatform } from './web-media/web-media-platform.ts'

/** What the client needs of a WebSocket. */
export type SocketLike = Pick<WebSocket, 'send' | 'close'> & Pick<EventTarget, 'addEventListener'>

/** What a client takes from the machine it runs on. */
export interface ClientEnvironment {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly createSocket: (url: string, protocols: string[]) => SocketLike
  readonly createPeer: (configuration: RTCConfiguration) => RTCPeerConnection
  /** What can be received, in the machine's own order; empty when it cannot tell. */
  readonly videoCodecs: () => readonly RTCRtpCodec[]
  /** Media through the web port. */
  readonly webMedia: WebMediaPlatform
  /** Calls `wake` when waiting any longer makes no sense: the network came back, or somebody looks at the page again. */
  readonly onWake: (wake: () => void) => Unsubscribe
}

/** The browser's own. */
export const browserEnvironment: ClientEnvironment = {
  clock: systemClock,
  random: Math.random,
  createSocket: (url, protocols) => new WebSocket(url, protocols),
  createPeer: (configuration) => new RTCPeerConnection(configuration),
  videoCodecs: () => RTCRtpReceiver.getCapabilities('video')?.codecs ?? [],
  webMedia: browserWebMedia,
  onWake(wake) {
    const onVisible = () => {
      if (document.visibilityState === 'visible') wake()
    }
    window.addEventListener('online', wake)
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      window.removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', onVisible)
    }
  },
}
