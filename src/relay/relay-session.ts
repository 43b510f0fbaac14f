import type { Clock } from '../kernel/clock.ts'
import { planConversation } from '../kernel/monitor/conversation.ts'
import { RecordingMonitor } from '../kernel/monitor/recording-monitor.ts'
import type { WireAddress } from '../wire/address-bytes.ts'
import type { RelayLease } from '../wire/relay/lease.ts'
import { relayLease } from '../wire/relay/protocol.ts'
import { Allowance } from './allowance.ts'
import type { RelayLimits } from './relay-limits.ts'

const plan = planConversation(relayLease, 'relay')
/** Messages of an end that are kept where it is recorded: a lease is renewed each few minutes. */
const mostRecorded = 200

/** One end of a session that has proved its address and its key. */
export class RelayEnd {
  /** Whether this worker let it in, so that its datagrams come here. */
  readonly isOwn: boolean
  /** What the two say about the lease; the datagrams that are forwarded say nothing of it, and only an end that was let in has any. */
  readonly monitor: RecordingMonitor
  readonly #packets: Allowance
  readonly #bytes: Allowance
  lastMs: number
  #at: WireAddress

  constructor(options: {
    at: WireAddress
    isOwn: boolean
    limits: RelayLimits['forwarding']
    clock: Clock
    isRecorded: boolean
  }) {
    const { at, isOwn, limits, clock, isRecorded } = options
    const nowMs = clock.nowMs()
    this.monitor = new RecordingMonitor({
      plan,
      epochMs: () => clock.epochMs(),
      capacity: isRecorded ? mostRecorded : 0,
    })
    this.#at = at
    this.isOwn = isOwn
    this.lastMs = nowMs
    // A quarter of a second at once: a picture and what comes with it.
    this.#packets = new Allowance(limits.packetsPerS, limits.packetsPerS / 4, nowMs)
    this.#bytes = new Allowance(limits.bytesPerS, limits.bytesPerS / 4, nowMs)
  }

  get at(): WireAddress {
    return this.#at
  }

  /** What comes is mostly by the object of last time. */
  isAt(from: WireAddress): boolean {
    if (from === this.#at) return true
    if (from.port !== this.#at.port || from.address !== this.#at.address) return false
    this.#at = from
    return true
  }

  /** Whether it may have so many bytes forwarded now. */
  spend(bytes: number, nowMs: number): boolean {
    return this.#packets.spend(1, nowMs) && this.#bytes.spend(bytes, nowMs)
  }
}

/** What one lease holds together: two ends, by whether they are the host's or the viewer's. */
export interface RelaySession {
  lease: RelayLease
  readonly ends: [RelayEnd | undefined, RelayEnd | undefined]
  /** Since when there has been one end alone. */
  aloneMs: number
}
