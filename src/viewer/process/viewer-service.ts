import type { Closable } from '../../kernel/ending.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { AccessUnit, AudioUnit } from '../../media/access-unit.ts'
import { shortened, type Order } from '../link/messages.ts'
import type { Addressed } from '../link/protocol.ts'
import { claimUdpPort } from '../rtc/claim-udp-port.ts'
import { PacketCache } from '../sending/packet-cache.ts'
import { Pump } from '../sending/pump.ts'
import { SendingViewer, type ProcessContext } from './sending-viewer.ts'

export type ViewerServiceOptions = Pick<ProcessContext, 'tally' | 'nowUs' | 'random32' | 'report' | 'write'> & {
  readonly clock: ProcessContext['rtc']['clock']
}

/** Carries out the server's orders. An order for a viewer that has gone does nothing. */
export class ViewerService {
  readonly #options: ViewerServiceOptions
  readonly #viewers = new Map<number, SendingViewer>()
  #context: ProcessContext | undefined
  #port: Closable | undefined

  constructor(options: ViewerServiceOptions) {
    this.#options = options
  }

  async carryOut(order: Order): Promise<void> {
    switch (order.type) {
      case 'begin':
        return await this.#begin(order)
      case 'open':
        return this.#open(order)
      case 'candidate':
        return this.#viewers.get(order.viewer)?.candidate(order.candidate)
      case 'limit':
        return this.#viewers.get(order.viewer)?.limit(order.bitrateBps)
      case 'close':
        return await this.#viewers.get(order.viewer)?.close('closed')
    }
  }

  video({ viewers, what }: Addressed<AccessUnit>): void {
    for (const viewer of viewers) this.#viewers.get(viewer)?.video(what)
  }

  audio({ viewers, what }: Addressed<AudioUnit>): void {
    for (const viewer of viewers) this.#viewers.get(viewer)?.audio(what)
  }

  pointers({ viewers, what }: Addressed<Uint8Array>): void {
    for (const viewer of viewers) this.#viewers.get(viewer)?.pointers(what)
  }

  /** Those who were heard before this moment, and not since. */
  silentSince(momentUs: number): number[] {
    return [...this.#viewers.values()].filter(({ heardUs = Infinity }) => heardUs < momentUs).map(({ id }) => id)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#viewers.values()].map((viewer) => viewer.close('the process ends')))
    await this.#port?.close()
  }

  async #begin({ udp, iceServers }: Extract<Order, { type: 'begin' }>): Promise<void> {
    const { clock, nowUs, report } = this.#options
    try {
      this.#port = await claimUdpPort(udp, clock)
    } catch (error) {
      return report({ type: 'port-refused', reason: shortened(messageOf(error)) })
    }
    this.#context = {
      ...this.#options,
      rtc: { iceServers, udp, clock },
      cache: new PacketCache(),
      pump: new Pump({ clock, nowUs }),
    }
    report({ type: 'begun' })
  }

  #open(order: Extract<Order, { type: 'open' }>): void {
    const { report } = this.#options
    const ended = (reason: string) => report({ type: 'ended', viewer: order.viewer, reason: shortened(reason) })
    if (!this.#context) return ended('The process has not begun')
    try {
      const viewer = new SendingViewer(this.#context, order)
      this.#viewers.set(order.viewer, viewer)
      void viewer.closed.then((end) => {
        this.#viewers.delete(order.viewer)
        ended(end.kind === 'error' ? end.error.message : end.reason)
      })
    } catch (error) {
      ended(messageOf(error))
    }
  }
}
