import type { Clock, Timer } from '../../kernel/clock.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { formatAddress, type WireAddress } from '../../wire/address-bytes.ts'
import { decodeLease } from '../../wire/relay/lease.ts'
import { relayLease } from '../../wire/relay/protocol.ts'
import {
  cookieBytes,
  decodeRelayMessage,
  encodeForward,
  encodePeerMessage,
  forwardHeadBytes,
  forwardType,
  isRelayed,
  provenBy,
  sessionOfForward,
  type RelayMessage,
  type RelayReason,
} from '../../wire/relay/relay-message.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { Carrier } from '../paths/path.ts'
import type { DatagramSocket } from '../udp/datagram-socket.ts'
import { signBytes, type SigningKey } from './lease-signing.ts'

/** Where the way through a relay stands. */
export type RelayLinkState =
  | { readonly kind: 'presenting'; readonly lease: Uint8Array }
  | { readonly kind: 'proving'; readonly lease: Uint8Array; readonly cookie: Uint8Array }
  | { readonly kind: 'admitted'; readonly lease: Uint8Array; readonly isOtherThere: boolean }
  | { readonly kind: 'renewing'; readonly lease: Uint8Array; readonly isOtherThere: boolean }
  /** It is tried again later. */
  | { readonly kind: 'waiting'; readonly reason: RelayReason | 'no-answer' }
  | { readonly kind: 'closed'; readonly reason: RelayReason | 'closed' }

export interface RelayLinkOptions {
  readonly socket: DatagramSocket
  readonly clock: Clock
  readonly relay: WireAddress
  /** Of this end, as its leases name it. */
  readonly key: SigningKey
  /** The next lease: the first, and one for each renewal. Undefined when there is none. */
  readonly nextLease: () => Uint8Array | undefined
  readonly onPacket: (bytes: Uint8Array, by: Carrier, from: WireAddress) => void
  /** By which floods through it are told apart; the relay's address unless given. */
  readonly origin?: string | undefined
  readonly onState?: (state: RelayLinkState) => void
}

const plan = planConversation(relayLease, 'peer')
/** Between tries; after the last it waits. */
const triesMs = [250, 500, 1000, 2000]
const againMs = 5000
/** What another lease, or another try, does not mend. */
const final: ReadonlySet<RelayReason> = new Set([
  'malformed',
  'unknown-issuer',
  'other-relay',
  'too-long-lived',
  'not-the-holder',
  'revoked',
  'session-taken',
])

/**
 * The way to one other end through a relay: presents the lease, proves that this end is at its address and holds its key, renews the
 * lease before it expires, and begins anew when this end's address has changed or the relay was started again.
 */
export class RelayLink implements Carrier, Disposable {
  readonly kind = 'relayed'
  readonly origin: string
  readonly #options: RelayLinkOptions
  readonly #listening: Timer
  #monitor = new ConversationMonitor(plan)
  #state: RelayLinkState = { kind: 'waiting', reason: 'no-answer' }
  #session = -1
  #tries = 0
  #timer: Timer | undefined

  constructor(options: RelayLinkOptions) {
    this.#options = options
    this.origin = options.origin ?? `relay ${formatAddress(options.relay)}`
    this.#listening = options.socket.listen((bytes, from) => this.#receive(bytes, from))
    this.#present()
  }

  get state(): RelayLinkState {
    return this.#state
  }

  nameOf(to: WireAddress): string {
    return `relay ${formatAddress(to)}`
  }

  send(bytes: Uint8Array): boolean {
    if (this.#state.kind !== 'admitted' && this.#state.kind !== 'renewing') return false
    this.#monitor.sent('forward')
    this.#options.socket.send(encodeForward(this.#session, bytes), this.#options.relay)
    return true
  }

  /** This end may have another address: it presents its lease from there. */
  networkChanged(): void {
    if (this.#state.kind !== 'closed') this.#present()
  }

  [Symbol.dispose](): void {
    if (this.#state.kind === 'admitted' || this.#state.kind === 'renewing') {
      this.#monitor.sent('leave')
      this.#options.socket.send(encodePeerMessage({ type: 'leave', session: this.#session }), this.#options.relay)
    }
    this.#close('closed')
  }

  #present(): void {
    const lease = this.#options.nextLease()
    if (!lease) return this.#wait('expired')
    this.#session = decodeLease(lease).lease.session
    this.#monitor = new ConversationMonitor(plan)
    this.#monitor.sent('present')
    this.#enter({ kind: 'presenting', lease })
    this.#tries = 0
    this.#try()
  }

  /** Says what its state has to say, and again until there is an answer. */
  #try(): void {
    const { socket, relay, clock } = this.#options
    const bytes = this.#saying()
    if (!bytes) return
    socket.send(bytes, relay)
    const delayMs = triesMs[this.#tries++]
    this.#timer?.cancel()
    this.#timer = clock.after(delayMs ?? againMs, () => (delayMs === undefined ? this.#wait('no-answer') : this.#try()))
  }

  #saying(): Uint8Array | undefined {
    const { key } = this.#options
    switch (this.#state.kind) {
      case 'presenting':
        return encodePeerMessage({ type: 'present', lease: this.#state.lease })
      case 'proving': {
        const { lease, cookie } = this.#state
        const proof = signBytes(provenBy('prove', cookie, lease), key)
        return encodePeerMessage({ type: 'prove', lease, cookie, proof })
      }
      case 'renewing': {
        const { lease } = this.#state
        const proof = signBytes(provenBy('renew', new Uint8Array(cookieBytes), lease), key)
        return encodePeerMessage({ type: 'renew', lease, proof })
      }
      default:
        return undefined
    }
  }

  #receive(bytes: Uint8Array, from: WireAddress): boolean {
    const { relay } = this.#options
    if (!isRelayed(bytes) || from.port !== relay.port || from.address !== relay.address) return false
    if (bytes[0] === forwardType) {
      if (sessionOfForward(bytes) !== this.#session) return false
      if (this.#state.kind !== 'admitted' && this.#state.kind !== 'renewing') return true
      this.#monitor.received('forwarded')
      this.#options.onPacket(bytes.subarray(forwardHeadBytes), this, from)
      return true
    }
    try {
      const message = decodeRelayMessage(bytes)
      // Another session may have a way through the same relay.
      if (message.session !== this.#session && message.session !== 0) return false
      this.#hear(message)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
    }
    return true
  }

  /** What comes twice, or late, is passed over: it was heard already. */
  #hear(message: RelayMessage): void {
    const { kind } = this.#state
    switch (message.type) {
      case 'challenge':
        if (this.#state.kind !== 'presenting') return
        this.#monitor.received('challenge')
        this.#monitor.sent('prove')
        this.#enter({ kind: 'proving', lease: this.#state.lease, cookie: message.cookie })
        this.#tries = 0
        return this.#try()
      case 'ack':
        if (this.#state.kind !== 'proving') return
        this.#monitor.received('ack')
        return this.#admitted(this.#state.lease, message)
      case 'renewed':
        if (this.#state.kind !== 'renewing') return
        this.#monitor.received('renewed')
        return this.#admitted(this.#state.lease, message)
      case 'reject':
        if (kind !== 'presenting' && kind !== 'proving') return
        this.#monitor.received('reject')
        return message.reason === 'stale-cookie' ? this.#present() : this.#refused(message.reason)
      case 'refused':
        if (kind !== 'renewing') return
        this.#monitor.received('refused')
        return this.#refused(message.reason)
      case 'presence':
        if (this.#state.kind !== 'admitted' && this.#state.kind !== 'renewing') return
        this.#monitor.received('presence')
        return this.#enter({ ...this.#state, isOtherThere: message.isOtherThere })
      case 'end':
        if (kind !== 'admitted' && kind !== 'renewing') return
        this.#monitor.received('end')
        return message.reason === 'unknown-session' ? this.#present() : this.#refused(message.reason)
      case 'revoked':
    }
  }

  #admitted(lease: Uint8Array, { isOtherThere, secondsLeft }: { isOtherThere: boolean; secondsLeft: number }): void {
    this.#enter({ kind: 'admitted', lease, isOtherThere })
    this.#timer?.cancel()
    // Two thirds through, so that several tries fit in before the end.
    this.#timer = this.#options.clock.after((secondsLeft * 2000) / 3, () => this.#renew())
  }

  #renew(): void {
    const lease = this.#options.nextLease()
    if (this.#state.kind !== 'admitted' || !lease) return
    this.#monitor.sent('renew')
    this.#enter({ kind: 'renewing', lease, isOtherThere: this.#state.isOtherThere })
    this.#tries = 0
    this.#try()
  }

  #refused(reason: RelayReason): void {
    if (final.has(reason)) this.#close(reason)
    else this.#wait(reason)
  }

  #wait(reason: RelayReason | 'no-answer'): void {
    this.#enter({ kind: 'waiting', reason })
    this.#timer?.cancel()
    this.#timer = this.#options.clock.after(againMs, () => this.#present())
  }

  #close(reason: RelayReason | 'closed'): void {
    if (this.#state.kind === 'closed') return
    this.#timer?.cancel()
    this.#listening.cancel()
    this.#enter({ kind: 'closed', reason })
  }

  #enter(state: RelayLinkState): void {
    this.#state = state
    this.#options.onState?.(state)
  }
}
