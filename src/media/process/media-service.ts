import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { EncoderCatalogue } from './encode/encoder-catalogue.ts'
import { HostedSource } from './hosted-source.ts'
import type { Order } from './messages.ts'
import type { VoiceFrame } from './protocol.ts'
import type { ServerLink } from './server-link.ts'
import type { StallWatch } from './stall-watch.ts'

export interface MediaServiceOptions {
  readonly catalogue: EncoderCatalogue
  readonly link: ServerLink
  readonly stalls: StallWatch
  readonly clock: Clock
}

/** Carries out the server's orders. An order for a source that has gone, as after a failure, does nothing. */
export class MediaService {
  readonly #options: MediaServiceOptions
  readonly #sources = new Map<number, HostedSource>()

  constructor(options: MediaServiceOptions) {
    this.#options = options
  }

  carryOut(order: Order): void {
    if (order.type === 'open-source') this.#open(order)
    const source = this.#sources.get(order.source)
    if (!source) return
    switch (order.type) {
      case 'open-source':
        break
      case 'close-source':
        this.#sources.delete(order.source)
        this.#watch(
          source.close().then(() => this.#options.link.report({ type: 'source-closed', source: order.source })),
        )
        break
      case 'add-rendition':
        source.addRendition(order.rendition, order.spec)
        break
      case 'change-rendition':
        source.changeRendition(order.rendition, order)
        break
      case 'remove-rendition':
        this.#watch(source.removeRendition(order.rendition))
        break
      case 'keyframe':
        source.requestKey(order.rendition)
        break
      case 'still':
        source.takeStill()
        break
      case 'sound':
        source.setSound(order.on)
        break
      case 'speakers':
        source.setSpeakers(order.speakers)
        break
      case 'lines':
        source.setText(order.title, order.lines)
        break
    }
  }

  /** Takes a packet of somebody's microphone. */
  hear({ source, speaker, unit }: VoiceFrame): void {
    this.#sources.get(source)?.speak(speaker, unit)
  }

  /** The server takes pictures again. */
  relieve(): void {
    for (const source of this.#sources.values()) source.relieve()
  }

  async close(): Promise<void> {
    const sources = [...this.#sources.values()]
    this.#sources.clear()
    await Promise.all(sources.map((source) => source.close()))
  }

  #open({ source: id, spec }: Extract<Order, { type: 'open-source' }>): void {
    const { link } = this.#options
    const log = (message: string) => link.report({ type: 'log', level: 'warn', message })
    try {
      this.#sources.set(id, new HostedSource({ ...this.#options, id, spec, log }))
    } catch (error) {
      link.report({ type: 'source-failed', source: id, reason: messageOf(error) })
    }
  }

  #watch(closing: Promise<void>): void {
    closing.catch((error: unknown) => {
      const message = `Something could not be closed: ${messageOf(error)}`
      this.#options.link.report({ type: 'log', level: 'error', message })
    })
  }
}
