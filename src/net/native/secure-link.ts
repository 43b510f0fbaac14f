import type { Clock } from '../../kernel/clock.ts'
import type { NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import type { NoiseKeys } from '../../wire/native/noise.ts'
import { dataHeadBytes, type NativePacket } from '../../wire/native/packet.ts'
import {
  decodeSealed,
  encodeSealed,
  mostDatagramBytes,
  type ChannelEnd,
  type SealedMessage,
} from '../../wire/native/sealed-message.ts'
import { tagBytes } from '../../wire/native/noise-crypto.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramPath, PathPort } from '../contract/datagram-path.ts'
import type { ChannelEnding, SecureDatagrams } from '../contract/secure-datagrams.ts'
import { isResetOf } from './channel-resets.ts'
import { KeyRenewal, type RenewalRule } from './key-renewal.ts'
import { PathProofs } from './path-proofs.ts'
import { RoundTrips } from './round-trips.ts'
import { SealedTraffic } from './sealed-traffic.ts'

/** How a channel sees to it that both ends are there. */
export interface LinkRules {
  /** The peer is asked whether it is there so often. */
  readonly pingMs: number
  /** One that has answered nothing for so long is gone, though it may be heard: a path can fail in one direction. */
  readonly silentMs: number
  readonly renewal: RenewalRule
}

export const usualRules: LinkRules = {
  pingMs: 500,
  silentMs: 30_000,
  renewal: { afterMs: 120_000, afterPackets: 2 ** 32, graceMs: 60_000, gracePackets: 2 ** 32 },
}

export interface SecureLinkOptions {
  readonly crypto: NoiseCrypto
  readonly clock: Clock
  readonly port: PathPort
  readonly rules: LinkRules
  readonly isInitiator: boolean
  readonly keys: NoiseKeys
  /** By which each end is called in packets. */
  readonly ownIndex: number
  readonly peerIndex: number
  /** The peer's public key, which is who it is. */
  readonly peerKey: Uint8Array
  readonly path: DatagramPath
  /** By which a peer that was started again says that it does not know the channel, where it has told that. */
  readonly resetToken?: Uint8Array | undefined
}

/** What is known of a channel, since it was opened but for what is about its path. */
export interface LinkStatistics {
  readonly sentPackets: number
  readonly sentBytes: number
  readonly receivedPackets: number
  readonly receivedBytes: number
  /** Packets that came again, and those that the peer has not sealed. */
  readonly repeated: number
  readonly forged: number
  /** Undefined before the first answer on this path. */
  readonly roundTripMs: number | undefined
  readonly leastRoundTripMs: number | undefined
  /** Of the packets sent, 0 to 1. */
  readonly lossRatio: number
  /** Packets of the peer that have not come, those on their way included. */
  readonly missedPackets: number
  /** Since the peer last answered. */
  readonly unansweredMs: number
  /** How often keys were renewed. */
  readonly epoch: number
  readonly path: string
}

/** So long a peer that has missed the goodbye is told again. */
const goodbyeMs = 3000
const goodbyeAgainMs = 100
/** What a question about a path has: what calls for it is no shorter. */
const questionBytes = dataHeadBytes + 40 + tagBytes

type State = { readonly name: 'open' } | { readonly name: 'over'; readonly untilMs: number; saidMs: number }

/** An open channel with one peer: the keys of its handshake, the paths that its packets take, and whether the peer is there. */
export class SecureLink implements SecureDatagrams {
  readonly maxBytes = mostDatagramBytes
  readonly peerKey: Uint8Array
  readonly ownIndex: number
  /** The same at both ends and on no other channel: what is bound to it cannot be brought from another one. */
  readonly channelHash: Uint8Array
  readonly closed: Promise<ChannelEnding>
  onDatagram: (bytes: Uint8Array) => void = () => {}
  onPathChange: (way: string) => void = () => {}
  readonly #options: SecureLinkOptions
  readonly #traffic: SealedTraffic
  readonly #renewal: KeyRenewal
  readonly #proofs: PathProofs
  readonly #roundTrips: RoundTrips
  readonly #settle: (ending: ChannelEnding) => void
  #path: DatagramPath
  #state: State = { name: 'open' }
  #ending: ChannelEnding | undefined
  #pingedMs: number
  #counts = { sentBytes: 0, receivedBytes: 0, repeated: 0, forged: 0 }

  constructor(options: SecureLinkOptions) {
    const { crypto, clock, rules, isInitiator, keys, ownIndex, peerIndex, peerKey, path } = options
    const nowMs = clock.nowMs()
    const { promise, resolve } = Promise.withResolvers<ChannelEnding>()
    this.#options = options
    this.peerKey = peerKey
    this.ownIndex = ownIndex
    this.channelHash = keys.handshakeHash
    this.closed = promise
    this.#settle = resolve
    this.#path = path
    this.#traffic = new SealedTraffic({ crypto, keys, peerIndex, isInitiator })
    const send = (message: SealedMessage) => void this.#say(message, this.#path)
    this.#renewal = new KeyRenewal({ crypto, traffic: this.#traffic, isInitiator, rule: rules.renewal, nowMs, send })
    this.#proofs = new PathProofs({
      random: (count) => crypto.random(count),
      send: (token, by) => void this.#say({ kind: 'challenge', token }, by),
    })
    this.#roundTrips = new RoundTrips(nowMs)
    this.#pingedMs = nowMs
  }

  get path(): DatagramPath {
    return this.#path
  }

  get way(): string {
    return this.#path.way ?? this.#path.name
  }

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** How it ended, once it has. */
  get ending(): ChannelEnding | undefined {
    return this.#ending
  }

  /** Something was opened that the peer has sealed: it has the keys. */
  get isConfirmed(): boolean {
    return this.#traffic.received > 0
  }

  get statistics(): LinkStatistics {
    const { sent, received, newest, epoch } = this.#traffic
    const { smoothedMs, leastMs, lossRatio, answeredMs } = this.#roundTrips
    return {
      ...this.#counts,
      sentPackets: sent,
      receivedPackets: received,
      roundTripMs: smoothedMs,
      leastRoundTripMs: smoothedMs === undefined ? undefined : leastMs,
      lossRatio,
      missedPackets: newest + 1 - received,
      unansweredMs: this.#options.clock.nowMs() - answeredMs,
      epoch,
      path: this.way,
    }
  }

  send(bytes: Uint8Array): boolean {
    return this.isOpen && this.#say({ kind: 'datagram', bytes }, this.#path)
  }

  /** Whether a path leads to the peer: its round trip in milliseconds, or undefined when nothing answers there. */
  probe(path: DatagramPath): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    if (this.isOpen) this.#proofs.probe(path, this.#options.clock.nowMs(), resolve)
    else resolve(undefined)
    return promise
  }

  /** Sends by another path from now on, one that was probed; the peer follows. */
  take(path: DatagramPath): void {
    if (!this.isOpen || path.name === this.#path.name) return
    this.#path = path
    this.pathMoved()
  }

  /** What its path leads by is another one, under the same name: what was measured says nothing of it. */
  pathMoved(): void {
    if (!this.isOpen) return
    this.#roundTrips.forget(this.#options.clock.nowMs())
    this.#ping()
    this.onPathChange(this.way)
  }

  close(cause: ChannelEnd, reason = ''): void {
    this.#end({ cause, by: 'here', reason })
  }

  /** A packet that is for this end. */
  receive(packet: Extract<NativePacket, { type: 'data' }>, path: DatagramPath): void {
    const opened = this.#traffic.open(packet)
    if (!opened.ok) {
      this.#counts[opened.why]++
      return
    }
    const bytes = packet.head.length + packet.sealed.length
    this.#counts.receivedBytes += bytes
    try {
      const message = decodeSealed(opened.plain)
      if (this.#state.name === 'over') return this.#repeatGoodbye(message, path)
      if (opened.isNewest && bytes >= questionBytes && isOfUse(message)) this.#follow(path)
      this.#take(message, path)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.close('protocol-violation', error.message)
    }
  }

  /** The peer, called by `index`, says that it does not know this channel; false for what is no word of it. */
  reset(index: number, token: Uint8Array): boolean {
    const { peerIndex, resetToken } = this.#options
    if (!this.isOpen || index !== peerIndex || !isResetOf(resetToken, token)) return false
    this.#end({ cause: 'forgotten', by: 'peer', reason: 'The peer was started again' })
    return true
  }

  /** Asks whether the peer is there, now. */
  confirm(): void {
    if (this.isOpen) this.#ping()
  }

  /** What time brings. True when nothing of it has to be remembered any more. */
  tick(): boolean {
    const nowMs = this.#options.clock.nowMs()
    if (this.#state.name === 'over') return nowMs >= this.#state.untilMs
    const { pingMs, silentMs } = this.#options.rules
    this.#proofs.tick(nowMs)
    if (nowMs - this.#roundTrips.answeredMs >= silentMs) {
      this.close('silent', `Nothing was answered for ${Math.round(silentMs / 1000)} s`)
    } else if (!this.#renewal.tick(nowMs)) {
      this.close('keys-expired', 'New keys could not be agreed on')
    } else if (nowMs - this.#pingedMs >= pingMs) {
      this.#ping()
    }
    return false
  }

  /**
   * The peer sends by another path. The responder follows it. The initiator has chosen the path, and looks for another one only
   * when it fails: two ends that both follow would pass each other by for ever.
   */
  #follow(path: DatagramPath): void {
    if (path.name === this.#path.name) return
    const { isInitiator, rules, clock } = this.#options
    const nowMs = clock.nowMs()
    if (!isInitiator || nowMs - this.#roundTrips.answeredMs > 3 * rules.pingMs) this.#proofs.seen(path, nowMs)
  }

  #take(message: SealedMessage, path: DatagramPath): void {
    switch (message.kind) {
      case 'rest':
        return
      case 'datagram':
        return this.onDatagram(message.bytes)
      case 'ping': {
        const { newest, received } = this.#traffic
        // By the way that it came: what it tells is about that one.
        return void this.#say({ kind: 'pong', id: message.id, newest, received }, this.#path)
      }
      case 'pong':
        return this.#roundTrips.answered(message, this.#options.clock.nowMs())
      case 'challenge':
        return void this.#say({ kind: 'answer', token: message.token }, path)
      case 'answer': {
        const proved = this.#proofs.answered(message.token, this.#options.clock.nowMs())
        if (proved?.isPeers) this.take(proved.path)
        return
      }
      case 'rekey':
      case 'rekeyed':
        return this.#renewal.take(message)
      case 'close':
        return this.#end({ cause: message.cause, by: 'peer', reason: message.reason })
    }
  }

  #ping(): void {
    const nowMs = this.#options.clock.nowMs()
    this.#pingedMs = nowMs
    this.#say(this.#roundTrips.ask(nowMs), this.#path)
  }

  #say(message: SealedMessage, path: DatagramPath): boolean {
    const packet = this.#traffic.seal(encodeSealed(message, this.#traffic.margins))
    this.#counts.sentBytes += packet.length
    return this.#options.port.send(packet, path)
  }

  #end(ending: ChannelEnding): void {
    if (!this.isOpen) return
    const nowMs = this.#options.clock.nowMs()
    if (ending.by === 'here') this.#say({ kind: 'close', cause: ending.cause, reason: ending.reason }, this.#path)
    this.#state = { name: 'over', untilMs: nowMs + goodbyeMs, saidMs: nowMs }
    this.#ending = ending
    this.#proofs.close()
    this.#settle(ending)
  }

  /** Our goodbye was lost, or is still on its way. */
  #repeatGoodbye(message: SealedMessage, path: DatagramPath): void {
    const nowMs = this.#options.clock.nowMs()
    if (this.#state.name !== 'over' || this.#ending?.by !== 'here' || message.kind === 'close') return
    if (nowMs - this.#state.saidMs < goodbyeAgainMs || path.name !== this.#path.name) return
    this.#state.saidMs = nowMs
    this.#say({ kind: 'close', cause: this.#ending.cause, reason: this.#ending.reason }, path)
  }
}

/** What only looks for paths does not show that the peer sends by this one from now on. */
function isOfUse({ kind }: SealedMessage): boolean {
  return kind !== 'challenge' && kind !== 'answer'
}
