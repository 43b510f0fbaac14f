import type { Clock, Timer } from '../kernel/clock.ts'
import type { WireAddress } from '../wire/address-bytes.ts'
import { decodeLease, type RelayLease } from '../wire/relay/lease.ts'
import {
  decodePeerMessage,
  endBytes,
  encodeRelayMessage,
  forwardType,
  sessionOfForward,
  type PeerMessage,
  type RelayMessage,
  type RelayReason,
} from '../wire/relay/relay-message.ts'
import { sourceOf } from '../net/udp/source-of.ts'
import { WireError } from '../wire/wire-error.ts'
import { Allowance } from './allowance.ts'
import { LeaseJudge, type RelayTrust } from './lease-judge.ts'
import { newRelayCounters, type RelayLimits } from './relay-limits.ts'
import { RelayEnd, type RelaySession } from './relay-session.ts'
import { grantTurn, type TurnBeside } from './turn-grants.ts'

/** What a worker tells the others, so that each can forward to ends that another one let in. */
export type RelayNews =
  | { readonly type: 'end-admitted'; readonly lease: Uint8Array; readonly side: 0 | 1; readonly at: WireAddress }
  | { readonly type: 'end-gone'; readonly session: number; readonly side: 0 | 1; readonly reason: RelayReason }
  | { readonly type: 'revoked'; readonly lease: Uint8Array }

/** Takes what an end (`1f-viewer`, by the number of its session) and the relay have said about a lease, once that is over. */
export type KeepLeaseRecording = (end: string, recording: string) => void

export interface RelayCoreOptions {
  readonly trust: RelayTrust
  readonly limits: RelayLimits
  /** Beside this relay; leases are good for its credentials too. */
  readonly turn?: TurnBeside | undefined
  readonly clock: Clock
  readonly send: (bytes: Uint8Array, to: WireAddress) => void
  readonly tell: (news: RelayNews) => void
  /** Nothing is recorded without it. */
  readonly keepRecording?: KeepLeaseRecording | undefined
}

const tickMs = 1000
const mostAskers = 20_000
const mostRevoked = 20_000

/**
 * A blind forwarder. It lets an end in when its lease is signed by whom it trusts, names this relay, has not expired, and the end has
 * answered from its address with the key that the lease names; and from then on passes its datagrams, unread and unchanged, to the
 * other end of the same lease and to nobody else. To an address that has proved nothing it sends one answer for each datagram, which is
 * shorter, within a limit for each source (an IP address, the /64 of IPv6).
 */
export class RelayCore implements Disposable {
  readonly counters = newRelayCounters()
  readonly #options: RelayCoreOptions
  readonly #judge: LeaseJudge
  readonly #sessions = new Map<number, RelaySession>()
  readonly #askers = new Map<string, Allowance>()
  readonly #proofs: Allowance
  /** Sessions that were revoked, until their leases have expired anyhow. */
  readonly #revoked = new Map<number, number>()
  readonly #timer: Timer

  constructor(options: RelayCoreOptions) {
    const { trust, limits, clock } = options
    this.#options = options
    this.#judge = new LeaseJudge(trust, clock)
    this.#proofs = new Allowance(limits.proofsPerS, limits.proofsPerS, clock.nowMs())
    this.#timer = clock.every(tickMs, () => this.#tick())
  }

  get sessionCount(): number {
    return this.#sessions.size
  }

  /** What begins with a byte of this protocol. */
  receive(bytes: Uint8Array, from: WireAddress): void {
    if (bytes[0] === forwardType) this.#forward(bytes, from)
    else if (this.mayAsk(from)) this.#hear(bytes, from)
  }

  /** Where a datagram that is to be forwarded goes, which counts as forwarded then; undefined for nowhere. It makes no objects: all packets pass here. */
  route(number: number | undefined, length: number, from: WireAddress, nowMs: number): WireAddress | undefined {
    const { counters } = this
    const ends = number === undefined ? undefined : this.#sessions.get(number)?.ends
    const side = ends?.[0]?.isAt(from) ? 0 : 1
    const own = ends?.[side]
    if (!ends || !own?.isAt(from)) {
      counters.droppedStrangers++
      this.#forgotten(number, length, from)
      return undefined
    }
    own.lastMs = nowMs
    const other = ends[side === 0 ? 1 : 0]
    if (!other) counters.droppedAlone++
    else if (!own.spend(length, nowMs)) counters.droppedOverLimit++
    else {
      counters.forwardedPackets++
      counters.forwardedBytes += length
      return other.at
    }
    return undefined
  }

  /** Whether that address may have one more answer before it has proved anything. */
  mayAsk({ address }: WireAddress): boolean {
    const nowMs = this.#options.clock.nowMs()
    const { packetsPerS, burst } = this.#options.limits.asking
    const source = sourceOf(address)
    let asker = this.#askers.get(source)
    if (!asker) {
      if (this.#askers.size >= mostAskers) this.#askers.delete(this.#askers.keys().next().value ?? '')
      asker = new Allowance(packetsPerS, burst, nowMs)
      this.#askers.set(source, asker)
    }
    const may = asker.spend(1, nowMs)
    if (!may) this.counters.droppedOverLimit++
    return may
  }

  /** What another worker has told. */
  learn(news: RelayNews): void {
    if (news.type === 'end-admitted') this.#admit(decodeLease(news.lease).lease, news.side, news.at, false)
    else if (news.type === 'end-gone') this.#goneElsewhere(news.session, news.side, news.reason)
    else this.#revokeSession(decodeLease(news.lease).lease)
  }

  /** All are told that it is over. */
  [Symbol.dispose](): void {
    this.#timer.cancel()
    for (const [number, session] of this.#sessions) this.#end(number, session, 'closing')
  }

  #forward(bytes: Uint8Array, from: WireAddress): void {
    const to = this.route(sessionOfForward(bytes), bytes.length, from, this.#options.clock.nowMs())
    if (to) this.#options.send(bytes, to)
  }

  /**
   * Who was let in before this relay was started again, or has another address now, presents its lease anew. Nobody can say so in the
   * relay's name without having seen the number of the session, and nothing else is lost by it.
   */
  #forgotten(session: number | undefined, length: number, from: WireAddress): void {
    const message = { type: 'end', session: session ?? 0, reason: 'unknown-session' } as const
    if (session === undefined || length <= endBytes || !this.mayAsk(from)) return
    this.#say(message, from)
  }

  #hear(bytes: Uint8Array, from: WireAddress): void {
    let message: PeerMessage
    try {
      message = decodePeerMessage(bytes)
    } catch (error) {
      if (error instanceof WireError) return
      throw error
    }
    if (message.type === 'leave') this.#leave(message.session, from)
    else if (message.type === 'revoke') this.#revoke(message.lease, from)
    else if (message.type === 'renew') this.#renew(message, from)
    else this.#present(message, from)
  }

  #present(message: Extract<PeerMessage, { type: 'present' | 'prove' | 'revoke' | 'turn' }>, from: WireAddress): void {
    const read = this.#judge.read(message.lease)
    if (typeof read === 'string') return this.#reject(message.lease, read, from)
    const { lease } = read
    if (lease.kind !== 'lease') return this.#reject(message.lease, 'malformed', from)
    if (message.type !== 'prove' && message.type !== 'turn') {
      return this.#say({ type: 'challenge', session: lease.session, cookie: this.#judge.cookieFor(from) }, from)
    }
    if (!this.#judge.isCookieOf(from, message.cookie)) return this.#reject(message.lease, 'stale-cookie', from)
    if (!this.#proofs.spend(1, this.#options.clock.nowMs())) return
    if (!this.#judge.isIssued(read)) return this.#reject(message.lease, 'unknown-issuer', from)
    const { lease: bytes, cookie, proof: signature } = message
    const { type } = message
    const proven = type === 'turn' ? Uint8Array.from([...bytes, ...message.key]) : bytes
    const side = this.#judge.holderOf(lease, { type, bytes: proven, cookie, signature })
    if (side === undefined || (type === 'turn' && side !== 0)) return this.#reject(bytes, 'not-the-holder', from)
    if (type === 'turn') return this.#grantTurn(lease, message, from)
    const obstacle = this.#obstacle(lease)
    if (obstacle) return this.#reject(bytes, obstacle, from)
    const known = this.#sessions.get(lease.session)?.ends[side]
    const { session, end } = this.#admit(lease, side, from, true)
    // Said again because the acknowledgement was lost: it is the same conversation.
    if (!known?.isAt(from)) {
      this.counters.admitted++
      this.#tellOfEnd(bytes, side, from)
    }
    end.monitor.received('present')
    end.monitor.sent('challenge')
    end.monitor.received('prove')
    this.#tellTo(end, 'ack', { type: 'ack', ...this.#standing(session, side) })
  }

  #grantTurn(
    lease: RelayLease,
    { lease: bytes, key }: Extract<PeerMessage, { type: 'turn' }>,
    from: WireAddress,
  ): void {
    const { turn } = this.#options
    if (this.#revoked.has(lease.session)) return this.#reject(bytes, 'revoked', from)
    if (!turn) return this.#reject(bytes, 'no-turn', from)
    const latestMs = this.#options.clock.epochMs() + (turn.goodForMs ?? Infinity)
    const granted = grantTurn(turn, { ...lease, expiresMs: Math.min(lease.expiresMs, latestMs) }, key)
    if (!granted) return this.#reject(bytes, 'malformed', from)
    this.counters.turnGrants++
    this.#say({ type: 'turned', session: lease.session, ...granted }, from)
  }

  #tellOfEnd(lease: Uint8Array, side: 0 | 1, { address, port }: WireAddress): void {
    this.#options.tell({ type: 'end-admitted', lease, side, at: { address, port } })
  }

  #obstacle(lease: RelayLease): RelayReason | undefined {
    if (this.#revoked.has(lease.session)) return 'revoked'
    const session = this.#sessions.get(lease.session)
    if (!session) return this.#sessions.size >= this.#options.limits.sessions ? 'full' : undefined
    const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b)
    const { host, viewer } = session.lease
    return isSame(host, lease.host) && isSame(viewer, lease.viewer) ? undefined : 'session-taken'
  }

  #renew({ lease: bytes, proof }: Extract<PeerMessage, { type: 'renew' }>, from: WireAddress): void {
    const read = this.#judge.read(bytes)
    const session = this.#sessions.get(typeof read === 'string' ? -1 : read.lease.session)
    const side = session?.ends[0]?.isAt(from) ? 0 : session?.ends[1]?.isAt(from) ? 1 : undefined
    const end = side === undefined ? undefined : session?.ends[side]
    // An address that was not let in has to present its lease; nothing is said to it here.
    if (typeof read === 'string' || !session || !end || side === undefined || read.lease.kind !== 'lease') return
    if (!this.#proofs.spend(1, this.#options.clock.nowMs())) return
    end.monitor.received('renew')
    const isGood = this.#judge.isIssued(read)
    const isHolder = this.#judge.holderOf(read.lease, { type: 'renew', bytes, signature: proof }) === side
    const reason = !isGood ? 'unknown-issuer' : isHolder ? this.#obstacle(read.lease) : 'not-the-holder'
    const { session: number } = read.lease
    if (reason) return this.#tellTo(end, 'refused', { type: 'refused', session: number, reason })
    if (read.lease.expiresMs > session.lease.expiresMs) {
      session.lease = read.lease
      this.counters.renewed++
      this.#tellOfEnd(bytes, side, from)
    }
    this.#tellTo(end, 'renewed', { type: 'renewed', ...this.#standing(session, side) })
  }

  #revoke(bytes: Uint8Array, from: WireAddress): void {
    const read = this.#judge.read(bytes)
    if (typeof read === 'string') return this.#reject(bytes, read, from)
    if (!this.#proofs.spend(1, this.#options.clock.nowMs())) return
    if (read.lease.kind !== 'revocation') return this.#reject(bytes, 'malformed', from)
    if (!this.#judge.isIssued(read)) return this.#reject(bytes, 'unknown-issuer', from)
    this.#options.tell({ type: 'revoked', lease: bytes })
    this.#revokeSession(read.lease)
    this.#say({ type: 'revoked', session: read.lease.session }, from)
  }

  #revokeSession({ session: number, expiresMs }: RelayLease): void {
    if (this.#revoked.size >= mostRevoked) this.#revoked.delete(this.#revoked.keys().next().value ?? 0)
    this.#revoked.set(number, expiresMs)
    const session = this.#sessions.get(number)
    if (session) this.#end(number, session, 'revoked')
  }

  #leave(number: number, from: WireAddress): void {
    const session = this.#sessions.get(number)
    const side = session?.ends[0]?.isAt(from) ? 0 : session?.ends[1]?.isAt(from) ? 1 : undefined
    if (!session || side === undefined) return
    session.ends[side]?.monitor.received('leave')
    this.#gone(number, session, side, 'left')
  }

  #admit(lease: RelayLease, side: 0 | 1, at: WireAddress, isOwn: boolean): { session: RelaySession; end: RelayEnd } {
    const { clock, limits } = this.#options
    const nowMs = clock.nowMs()
    const session: RelaySession = this.#sessions.get(lease.session) ?? {
      lease,
      ends: [undefined, undefined],
      aloneMs: nowMs,
    }
    if (lease.expiresMs > session.lease.expiresMs) session.lease = lease
    this.#sessions.set(lease.session, session)
    const known = session.ends[side]
    const isKnown = known?.isAt(at) === true && known.isOwn === isOwn
    if (known && !isKnown) this.#keep(lease.session, side, known)
    const isRecorded = this.#options.keepRecording !== undefined && isOwn
    const end = isKnown ? known : new RelayEnd({ at, isOwn, limits: limits.forwarding, clock, isRecorded })
    end.lastMs = nowMs
    session.ends[side] = end
    const other = session.ends[1 - side]
    if (other && !known)
      this.#tellTo(other, 'presence', { type: 'presence', session: lease.session, isOtherThere: true })
    return { session, end }
  }

  #standing({ lease, ends }: RelaySession, side: 0 | 1) {
    const leftMs = lease.expiresMs - this.#options.clock.epochMs()
    const secondsLeft = Math.max(0, Math.trunc(leftMs / 1000))
    return { session: lease.session, isOtherThere: ends[1 - side] !== undefined, secondsLeft }
  }

  /** One end is gone; the other stays, and is told. */
  #gone(number: number, session: RelaySession, side: 0 | 1, reason: RelayReason): void {
    const end = session.ends[side]
    if (end?.isOwn) this.#options.tell({ type: 'end-gone', session: number, side, reason })
    if (end) this.#keep(number, side, end)
    session.ends[side] = undefined
    session.aloneMs = this.#options.clock.nowMs()
    const other = session.ends[1 - side]
    if (other) this.#tellTo(other, 'presence', { type: 'presence', session: number, isOtherThere: false })
    else this.#forget(number)
  }

  #goneElsewhere(number: number, side: 0 | 1, reason: RelayReason): void {
    const session = this.#sessions.get(number)
    if (session?.ends[side] && !session.ends[side].isOwn) this.#gone(number, session, side, reason)
  }

  #end(number: number, { ends }: RelaySession, reason: RelayReason): void {
    for (const side of [0, 1] as const) {
      const end = ends[side]
      if (!end) continue
      this.#tellTo(end, 'end', { type: 'end', session: number, reason })
      this.#keep(number, side, end)
    }
    this.#forget(number)
  }

  #keep(number: number, side: 0 | 1, { monitor: { recording } }: RelayEnd): void {
    if (recording === undefined) return
    this.#options.keepRecording?.(`${number.toString(16)}-${side === 0 ? 'host' : 'viewer'}`, recording)
  }

  #forget(number: number): void {
    this.#sessions.delete(number)
    this.counters.ended++
  }

  #tick(): void {
    const { clock, limits } = this.#options
    const [nowMs, epochMs] = [clock.nowMs(), clock.epochMs()]
    for (const [number, expiresMs] of this.#revoked) if (expiresMs <= epochMs) this.#revoked.delete(number)
    for (const [number, session] of this.#sessions) {
      const { ends, lease, aloneMs } = session
      if (lease.expiresMs <= epochMs) {
        this.#end(number, session, 'expired')
        continue
      }
      for (const side of [0, 1] as const) {
        const end = ends[side]
        if (!end?.isOwn || nowMs - end.lastMs < limits.idleMs) continue
        this.#tellTo(end, 'end', { type: 'end', session: number, reason: 'idle' })
        this.#gone(number, session, side, 'idle')
      }
      const isAlone = !ends[0] || !ends[1]
      if (!isAlone) session.aloneMs = nowMs
      else if (this.#sessions.has(number) && nowMs - aloneMs >= limits.peerWaitMs)
        this.#end(number, session, 'peer-wait')
    }
  }

  /** To an end that was let in here; another worker tells those that it let in. */
  #tellTo(end: RelayEnd, label: 'ack' | 'renewed' | 'refused' | 'presence' | 'end', message: RelayMessage): void {
    if (!end.isOwn) return
    end.monitor.sent(label)
    this.#say(message, end.at)
  }

  #reject(bytes: Uint8Array, reason: RelayReason, from: WireAddress): void {
    this.counters.rejected++
    let session = 0
    try {
      session = decodeLease(bytes).lease.session
    } catch {
      // One that cannot be read names no session.
    }
    this.#say({ type: 'reject', session, reason }, from)
  }

  #say(message: RelayMessage, to: WireAddress): void {
    this.#options.send(encodeRelayMessage(message), to)
  }
}
