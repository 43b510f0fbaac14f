import type { ReachSignal } from '../wire/reach/signals.ts'
import type { ViewerRun } from './viewer-run.ts'

/** What comes of a reach that lives in the viewer process. */
export interface RemoteReachEvents {
  /** To be said to the other end. */
  signal(signal: ReachSignal): void
  /** To be sent through the web port. */
  packet(packet: Uint8Array): void
  /** Nobody is reached by it any more. Nothing comes of it from now on. */
  over(reason: string): void
}

export interface RemoteReachOptions {
  readonly id: number
  /** By which those who try too often are told apart, see `sourceOf`. */
  readonly origin: string
  readonly events: RemoteReachEvents
  readonly run: Pick<ViewerRun, 'send' | 'packet'>
}

/** The server's end of a reach: what is said about paths, and the packets that go through the web port. */
export class RemoteReach {
  readonly events: RemoteReachEvents
  readonly #options: RemoteReachOptions
  #isOpen = true

  constructor(options: RemoteReachOptions) {
    this.events = options.events
    this.#options = options
  }

  /** The other end, or who issues leases, has said this; the first time begins it. */
  hear(signal: ReachSignal): void {
    const { id: reach, origin, run } = this.#options
    if (this.#isOpen) run.send({ type: 'reach-signal', reach, origin, signal })
  }

  /** The web port carries packets from now on, or (`where` undefined) no more. */
  tunnel(where: string | undefined): void {
    const { id: reach, run } = this.#options
    if (this.#isOpen) run.send({ type: 'reach-tunnel', reach, where })
  }

  /** Something came through the web port. */
  packet(packet: Uint8Array): void {
    const { id: reach, run } = this.#options
    if (this.#isOpen) run.packet({ reach, packet })
  }

  end(): void {
    if (this.#isOpen) this.#options.run.send({ type: 'end-reach', reach: this.#options.id })
  }

  /** It is gone in the process, or with it. */
  over(reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.events.over(reason)
  }
}
