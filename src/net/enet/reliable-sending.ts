import type { Clock } from '../../kernel/clock.ts'
import type { EnetBody, EnetCommand } from '../../wire/enet/enet-command.ts'
import { enetCommandBytes } from '../../wire/enet/enet-datagram.ts'
import { RoundTrip } from '../resend/round-trip.ts'

/** Messages that were not acknowledged yet, and those that wait until there is room on the way. */
const mostWaiting = 256

interface Sent {
  readonly command: EnetCommand
  readonly firstMs: number
  lastMs: number
  tries: number
}

/** What a peer has to get: it is sent again until it is acknowledged, within what the peer has room for. */
export class ReliableSending {
  readonly #clock: Clock
  readonly #windowBytes: number
  readonly #sequences = new Map<number, number>()
  readonly roundTrip = new RoundTrip({ minMs: 50, maxMs: 500 })
  #waiting: EnetCommand[] = []
  #onWay: Sent[] = []
  #acknowledgedMs = -Infinity

  constructor(options: { readonly clock: Clock; readonly windowBytes: number }) {
    this.#clock = options.clock
    this.#windowBytes = options.windowBytes
  }

  /** False when too many wait already: nothing was taken. */
  push(channel: number, body: EnetBody): boolean {
    if (this.#waiting.length + this.#onWay.length >= mostWaiting) return false
    const sequence = ((this.#sequences.get(channel) ?? 0) + 1) & 0xffff
    this.#sequences.set(channel, sequence)
    this.#waiting.push({ channel, sequence, wantsAck: true, ...body })
    return true
  }

  /** What has to leave now: what was not acknowledged in time, then what waited, as far as it has room. */
  due(): EnetCommand[] {
    const nowMs = this.#clock.nowMs()
    const due: EnetCommand[] = []
    let bytesOnWay = 0
    for (const sent of this.#onWay) {
      bytesOnWay += enetCommandBytes(sent.command)
      if (nowMs - sent.lastMs < this.roundTrip.timeoutMs(sent.tries)) continue
      sent.lastMs = nowMs
      sent.tries++
      due.push(sent.command)
    }
    while (this.#waiting.length > 0) {
      const [command] = this.#waiting as [EnetCommand]
      bytesOnWay += enetCommandBytes(command)
      if (this.#onWay.length > 0 && bytesOnWay > this.#windowBytes) break
      this.#waiting.shift()
      this.#onWay.push({ command, firstMs: nowMs, lastMs: nowMs, tries: 1 })
      due.push(command)
    }
    return due
  }

  /** `sentTime` is that of the datagram, 16 bits of milliseconds. */
  onAcknowledged(channel: number, sequence: number, sentTime: number): boolean {
    const index = this.#onWay.findIndex(({ command }) => command.channel === channel && command.sequence === sequence)
    if (index < 0) return false
    this.#onWay.splice(index, 1)
    this.#acknowledgedMs = this.#clock.nowMs()
    const tookMs = (Math.floor(this.#clock.nowMs()) - sentTime) & 0xffff
    // Half of the circle: a time of the future, which nobody has seen.
    if (tookMs < 0x8000) this.roundTrip.onMeasured(tookMs)
    return true
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#onWay.length === 0
  }

  /** How long something has waited while nothing at all was acknowledged. */
  get silentMs(): number {
    const nowMs = this.#clock.nowMs()
    const oldestMs = this.#onWay.reduce((oldest, { firstMs }) => Math.min(oldest, firstMs), nowMs)
    return nowMs - Math.max(oldestMs, this.#acknowledgedMs)
  }
}
