import { Socket } from 'node:net'
import { messageOf } from '../../kernel/coded-error.ts'
import { ConversationMonitor } from '../../kernel/monitor/conversation.ts'
import type { TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import { encodeControl } from '../../os/child/frame.ts'
import type { Order } from '../link/messages.ts'
import {
  encodeFlowingVideo,
  encodeFlowOver,
  type FlowingVideo,
  type FlowName,
  mediaPlan,
  type unitLink,
} from '../link/unit-link.ts'

/** Bytes that may wait for a viewer process. With more, it gets no pictures until it has taken all of them, and a key picture then. */
const congestedBytes = 1024 * 1024

/** The ways of this process to viewer processes. */
export class UnitOutlets {
  readonly #outlets = new Map<number, UnitOutlet>()
  #media = 0
  readonly #onLost: (link: number, reason: string) => void

  constructor(onLost: (link: number, reason: string) => void) {
    this.#onLost = onLost
  }

  /** As which it is known there. */
  get media(): number {
    return this.#media
  }

  connect({ link, path, media, proof }: Extract<Order, { type: 'link' }>): void {
    this.disconnect(link)
    this.#media = media
    const outlet = new UnitOutlet({
      path,
      greeting: { media, proof },
      onLost: (reason) => {
        if (this.#outlets.get(link) !== outlet) return
        this.#outlets.delete(link)
        this.#onLost(link, reason)
      },
    })
    this.#outlets.set(link, outlet)
  }

  disconnect(link: number): void {
    const outlet = this.#outlets.get(link)
    this.#outlets.delete(link)
    outlet?.close()
  }

  get(link: number): UnitOutlet | undefined {
    return this.#outlets.get(link)
  }

  close(): void {
    for (const link of this.#outlets.keys()) this.disconnect(link)
  }
}

export interface UnitOutletOptions {
  readonly path: string
  readonly greeting: { readonly media: number; readonly proof: string }
  readonly onLost: (reason: string) => void
}

/** One way to a viewer process. What waits in it is bounded: one that does not read loses pictures. */
export class UnitOutlet {
  readonly #socket: Socket
  readonly #watch: TypedMonitor<typeof unitLink, 'media'> = new ConversationMonitor(mediaPlan)
  #isCongested = false

  constructor({ path, greeting, onLost }: UnitOutletOptions) {
    const socket = new Socket()
    this.#socket = socket
    socket.once('error', (error) => onLost(messageOf(error)))
    socket.once('close', () => onLost('it has ended'))
    // Nothing is ever said here; reading is how the end is heard.
    socket.resume()
    socket.connect(path)
    this.#watch.sent('greeting')
    socket.write(encodeControl(greeting))
  }

  /** It has not taken what it was given, and has not been relieved of all of it since. */
  get congested(): boolean {
    const waitingBytes = this.#socket.writableLength
    if (waitingBytes >= congestedBytes) this.#isCongested = true
    else if (waitingBytes === 0) this.#isCongested = false
    return this.#isCongested
  }

  video(frame: FlowingVideo): void {
    this.#watch.sent('video')
    this.#socket.write(encodeFlowingVideo(frame))
  }

  over(flow: FlowName): void {
    this.#watch.sent('over')
    this.#socket.write(encodeFlowOver(flow))
  }

  close(): void {
    this.#socket.destroySoon()
  }
}
