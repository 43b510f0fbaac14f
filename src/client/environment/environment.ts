import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import { browserMicrophone, type MicrophonePlatform } from '../microphone/microphone-platform.ts'
import type { StorageLike } from '../page/storage-like.ts'
import { browserWebMedia, type WebMediaPlatform } from '../web-media/web-media-platform.ts'

/** What the client needs of a WebSocket. */
export type SocketLike = Pick<WebSocket, 'send' | 'close'> & Pick<EventTarget, 'addEventListener'>

/** What happens to the machine and to the page. */
export interface MachineEvents {
  /** Waiting any longer makes no sense: the network came back, or somebody looks at the page again. */
  woke(): void
  /** The network has gone, or is another one: what stands may stand no more. */
  doubted(): void
  /** The page goes, maybe only to be loaded again. */
  leaving(): void
  /** The page is back as it was before it went. */
  stayed(): void
}

/** What a client takes from the machine it runs on. */
export interface ClientEnvironment {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly createSocket: (url: string, protocols: string[]) => SocketLike
  /** Undefined where there is no WebRTC. */
  readonly createPeer: ((configuration: RTCConfiguration) => RTCPeerConnection) | undefined
  /** What can be received, in the machine's own order; empty when it cannot tell. */
  readonly videoCodecs: () => readonly RTCRtpCodec[]
  /** Media through the web port. */
  readonly webMedia: WebMediaPlatform
  readonly microphone: MicrophonePlatform
  /** Whether anybody answers at an address (`http` or `https`) now. False as well while nobody waits for it to be known. */
  readonly knock: (url: string, signal: AbortSignal) => Promise<boolean>
  readonly watch: (events: MachineEvents) => Unsubscribe
  /** Keeps what is to outlive the page; undefined where nothing does. */
  readonly storage: StorageLike | undefined
}

/** This machine's own: that of a browser, or of Node, where there is no WebRTC, no page and nothing that decodes. */
export function ownEnvironment(): ClientEnvironment {
  const hasPage = typeof document !== 'undefined'
  const hasWebRtc = typeof RTCPeerConnection !== 'undefined'
  return {
    clock: systemClock,
    random: Math.random,
    createSocket: (url, protocols) => new WebSocket(url, protocols),
    createPeer: hasWebRtc ? (configuration) => new RTCPeerConnection(configuration) : undefined,
    videoCodecs: () => (hasWebRtc ? (RTCRtpReceiver.getCapabilities('video')?.codecs ?? []) : []),
    webMedia: browserWebMedia,
    microphone: browserMicrophone,
    knock,
    watch: hasPage ? watchPage : () => () => {},
    storage: hasPage ? tabStorage() : undefined,
  }
}

/**
 * A page of another origin is not told what was answered, but that something was. With credentials, of which there are none, it
 * takes no connection that a request of the API has left, which may be dead.
 */
async function knock(url: string, signal: AbortSignal): Promise<boolean> {
  if (typeof document !== 'undefined' && document.hidden) return false
  try {
    const options = { method: 'HEAD', mode: 'no-cors', cache: 'no-store', credentials: 'same-origin', signal } as const
    const { type, status } = await fetch(url, options)
    return type === 'opaque' || status < 500
  } catch {
    return false
  }
}

/** Calls `wake` when the page's network came back, or somebody looks at the page again. */
export function onPageWake(wake: () => void): Unsubscribe {
  return watchPage({ woke: wake, stayed: wake, doubted: () => {}, leaving: () => {} })
}

function watchPage(events: MachineEvents): Unsubscribe {
  const ending = new AbortController()
  const on = (target: EventTarget, name: string, listener: (event: Event) => void) =>
    target.addEventListener(name, listener, { signal: ending.signal })
  on(window, 'online', () => events.woke())
  on(document, 'visibilitychange', () => document.visibilityState === 'visible' && events.woke())
  on(window, 'offline', () => events.doubted())
  const { connection } = navigator as Navigator & { connection?: EventTarget }
  if (connection) on(connection, 'change', () => events.doubted())
  on(window, 'pagehide', () => events.leaving())
  // A page that is frozen can be thrown away without another word.
  on(document, 'freeze', () => events.leaving())
  on(document, 'resume', () => events.stayed())
  on(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && events.stayed())
  return () => ending.abort()
}

/** A browser that is told to keep nothing throws here. */
function tabStorage(): StorageLike | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}
