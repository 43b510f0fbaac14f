import type { Unsubscribe } from '../kernel/readable.ts'
import { inletProof, type UnitInlet, type UnitInlets } from './contract/unit-inlets.ts'
import type { Order } from './link/messages.ts'

export interface ProcessLinksEvents {
  send(order: Extract<Order, { type: 'link' | 'unlink' }>): void
  /** Some inlet is written to, or not any more: what was on its way to `lost` never came there. */
  changed(lost?: number): void
}

/** To which inlets one media process writes: to all that there are, but for those that it was told or found to have lost. */
export class ProcessLinks {
  readonly #inlets: UnitInlets | undefined
  readonly #events: ProcessLinksEvents
  readonly #media: number
  /** Those that the process writes to. */
  readonly #links = new Set<number>()
  /** Those that it has been told of. */
  #told: ReadonlySet<number> = new Set()
  readonly #unsubscribe: Unsubscribe
  #isUp = false

  constructor(inlets: UnitInlets | undefined, events: ProcessLinksEvents) {
    this.#inlets = inlets
    this.#events = events
    this.#media = inlets?.nextMedia() ?? 0
    this.#unsubscribe = inlets?.open.subscribe((open) => this.#follow(open)) ?? (() => {})
  }

  has(link: number): boolean {
    return this.#links.has(link)
  }

  /** There is a process, which knows of none. */
  processUp(): void {
    this.#isUp = true
    this.#told = new Set()
    this.#follow(this.#inlets?.open.value ?? [])
  }

  processDown(): void {
    this.#isUp = false
    this.#links.clear()
  }

  /**
   * The process has no way there any more: what went there goes through the server. False where that is no news, since the inlet has been taken away
   * meanwhile.
   */
  lost(link: number): boolean {
    if (!this.#links.delete(link)) return false
    this.#events.changed(link)
    return true
  }

  close(): void {
    this.#unsubscribe()
  }

  #follow(open: readonly UnitInlet[]): void {
    if (!this.#isUp) return
    const told = this.#told
    this.#told = new Set(open.map(({ link }) => link))
    for (const link of told) {
      if (this.#told.has(link)) continue
      this.#links.delete(link)
      this.#events.send({ type: 'unlink', link })
    }
    for (const inlet of open) if (!told.has(inlet.link)) this.#link(inlet)
    this.#events.changed()
  }

  #link({ link, path, key }: UnitInlet): void {
    this.#links.add(link)
    const media = this.#media
    this.#events.send({ type: 'link', link, path, media, proof: inletProof(key, media) })
  }
}
