import type { Timer } from '../../kernel/clock.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { ownEnvironment, type ClientEnvironment, type MachineEvents } from '../environment/environment.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'
import type { MediaSocketLike } from '../web-media/web-media-platform.ts'

const openState = 1

/** A WebSocket whose cable can be pulled: to its owner it stays open, and nothing comes or goes any more. */
class SeverableSocket extends EventTarget implements MediaSocketLike {
  /** Undefined once the cable is pulled, or when it never had one. */
  #socket: MediaSocketLike | undefined
  #readyState: MediaSocketLike['readyState'] = 0

  constructor(socket: MediaSocketLike | undefined) {
    super()
    this.#socket = socket
    for (const type of ['open', 'message', 'close', 'error'] as const) {
      socket?.addEventListener(type, (event) => {
        if (this.#socket === socket) this.dispatchEvent(copyOf(event))
      })
    }
  }

  get readyState(): MediaSocketLike['readyState'] {
    return this.#socket?.readyState ?? this.#readyState
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  get binaryType(): BinaryType {
    return this.#socket?.binaryType ?? 'blob'
  }

  set binaryType(type: BinaryType) {
    if (this.#socket) this.#socket.binaryType = type
  }

  send(data: string | BufferSource): void {
    this.#socket?.send(data)
  }

  close(code?: number, reason?: string): void {
    if (this.#socket) return this.#socket.close(code, reason)
    this.#readyState = 3
    queueMicrotask(() => this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' })))
  }

  sever(): void {
    const socket = this.#socket
    this.#readyState = socket?.readyState === openState ? openState : 0
    this.#socket = undefined
    socket?.close()
  }
}

/**
 * An environment whose network can be cut for a while, to see what a page does then: nothing comes or goes, no connection
 * that stood or was begun before ever does again, and the page is told as a browser tells that it is offline.
 */
export class CuttableNetwork {
  readonly environment: ClientEnvironment
  readonly #isCut = new Writable(false, reportUncaught)
  readonly #sockets = new Set<SeverableSocket>()
  readonly #peers = new Set<RTCPeerConnection>()
  readonly #pages = new Set<MachineEvents>()
  #mending: Timer | undefined

  constructor(environment: ClientEnvironment = ownEnvironment()) {
    const { createPeer, webMedia } = environment
    this.environment = {
      ...environment,
      createSocket: (url, protocols) => this.#wire(() => environment.createSocket(url, protocols) as MediaSocketLike),
      createPeer: createPeer && ((configuration) => this.#keep(createPeer(configuration))),
      webMedia: {
        wantsHeadStart: webMedia.wantsHeadStart,
        codecs: () => webMedia.codecs(),
        whyNot: () => webMedia.whyNot(),
        openPlayer: (events) => webMedia.openPlayer(events),
        whyMute: () => webMedia.whyMute(),
        openVoice: (track, events) => webMedia.openVoice(track, events),
        createSocket: (url, protocols) => this.#wire(() => webMedia.createSocket(url, protocols)),
      },
      knock: async (url, signal) => !this.#isCut.value && (await environment.knock(url, signal)),
      watch: (events) => {
        this.#pages.add(events)
        const stop = environment.watch(events)
        return () => {
          this.#pages.delete(events)
          stop()
        }
      },
    }
  }

  get isCut(): Readable<boolean> {
    return this.#isCut
  }

  /** Cuts it, or cuts it for longer. */
  cut(durationMs: number): void {
    this.#mending?.cancel()
    this.#mending = this.environment.clock.after(durationMs, () => this.#mend())
    if (this.#isCut.value) return
    this.#isCut.set(true)
    for (const socket of this.#sockets) socket.sever()
    for (const peer of this.#peers) peer.close()
    this.#sockets.clear()
    this.#peers.clear()
    for (const page of this.#pages) page.doubted()
  }

  #mend(): void {
    this.#isCut.set(false)
    for (const page of this.#pages) page.woke()
  }

  #wire(open: () => MediaSocketLike): SeverableSocket {
    const socket = new SeverableSocket(this.#isCut.value ? undefined : open())
    this.#sockets.add(socket)
    socket.addEventListener('close', () => this.#sockets.delete(socket), { once: true })
    return socket
  }

  #keep(peer: RTCPeerConnection): RTCPeerConnection {
    // One that was closed here says nothing of it.
    for (const former of this.#peers) if (former.connectionState === 'closed') this.#peers.delete(former)
    this.#peers.add(peer)
    return peer
  }
}

/** An event can be dispatched once. */
function copyOf(event: Event): Event {
  if (event.type === 'message') return new MessageEvent('message', { data: (event as MessageEvent<unknown>).data })
  const { code, reason } = event as CloseEvent
  return event.type === 'close' ? Object.assign(new Event('close'), { code, reason }) : new Event(event.type)
}
