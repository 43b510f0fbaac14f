import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { EncoderCatalogue } from './encode/encoder-catalogue.ts'
import { HostedSource } from './hosted-source.ts'
import type { Order } from '../link/messages.ts'
import { UnitOutlets } from './unit-outlets.ts'
import type { OrderHandlers, ServerLink } from './server-link.ts'
import type { StallDetector } from './pacing/stall-detector.ts'

export interface MediaServiceOptions {
  readonly catalogue: EncoderCatalogue
  readonly link: ServerLink
  readonly stalls: StallDetector
  readonly clock: Clock
}

/** Carries out the server's orders. An order for a source that has gone, as after a failure, does nothing. */
export class MediaService {
  readonly #options: MediaServiceOptions
  readonly #sources = new Map<number, HostedSource>()
  readonly #outlets: UnitOutlets

  constructor(options: MediaServiceOptions) {
    this.#options = options
    this.#outlets = new UnitOutlets((link, reason) => {
      options.link.report({ type: 'link-lost', link, reason: reason.slice(0, 500) })
    })
  }

  /** What is done with each order, and with packets of microphones. */
  get handlers(): OrderHandlers {
    const of = (order: { readonly source: number }) => this.#sources.get(order.source)
    return {
      'open-source': (order) => this.#open(order),
      'close-source': ({ source }) => this.#close(source),
      'add-rendition': (order) => of(order)?.addRendition(order.rendition, order.spec),
      'change-rendition': (order) => of(order)?.changeRendition(order.rendition, order),
      'remove-rendition': (order) => {
        const removing = of(order)?.removeRendition(order.rendition)
        if (removing) this.#watch(removing)
      },
      link: (order) => this.#outlets.connect(order),
      unlink: ({ link }) => this.#outlets.disconnect(link),
      deliver: (order) => of(order)?.deliver(order.rendition, order.here, order.links),
      keyframe: (order) => of(order)?.requestKey(order.rendition),
      still: (order) => of(order)?.takeStill(),
      sound: (order) => of(order)?.setSound(order.layouts),
      speakers: (order) => of(order)?.setSpeakers(order.speakers),
      lines: (order) => of(order)?.setText(order.title, order.lines),
      voice: (frame) => of(frame)?.speak(frame.speaker, frame.unit),
    }
  }

  /** The server takes pictures again. */
  relieve(): void {
    for (const source of this.#sources.values()) source.relieve()
  }

  async close(): Promise<void> {
    const sources = [...this.#sources.values()]
    this.#sources.clear()
    await Promise.all(sources.map((source) => source.close()))
    this.#outlets.close()
  }

  #open({ source: id, spec }: Extract<Order, { type: 'open-source' }>): void {
    const { link } = this.#options
    const log = (message: string) => link.report({ type: 'log', level: 'warn', message })
    try {
      this.#sources.set(id, new HostedSource({ ...this.#options, outlets: this.#outlets, id, spec, log }))
    } catch (error) {
      link.report({ type: 'source-failed', source: id, reason: messageOf(error) })
    }
  }

  #close(id: number): void {
    const source = this.#sources.get(id)
    if (!source) return
    this.#sources.delete(id)
    const { link } = this.#options
    this.#watch(source.close().then(() => link.report({ type: 'source-closed', source: id })))
  }

  #watch(closing: Promise<void>): void {
    closing.catch((error: unknown) => {
      const message = `Something could not be closed: ${messageOf(error)}`
      this.#options.link.report({ type: 'log', level: 'error', message })
    })
  }
}
