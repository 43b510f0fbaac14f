import type { Clock } from '../../kernel/clock.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { firstProof, isSameProof, sealCookie } from '../../wire/native/initiation-proof.ts'
import type { KeyPair, NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { NoiseHandshake } from '../../wire/native/noise.ts'
import {
  encodeCookie,
  encodeRefusal,
  encodeResponse,
  type NativePacket,
  type NativeRole,
  type RefusalCause,
} from '../../wire/native/packet.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramPath, PathPort } from '../contract/datagram-path.ts'
import type { ChannelResets } from './channel-resets.ts'
import { CookieJar } from './cookie-jar.ts'
import { nativePrologue } from './native-prologue.ts'
import { SecureLink, type LinkRules } from './secure-link.ts'

/** Why an initiation, or what followed it, came to nothing. */
export type AnswerFault =
  | RefusalCause
  /** It does not show that its sender knows this end's key. */
  | 'first-proof'
  /** It is for a session of another kind. */
  | 'other-role'
  /** It was not made for this end, or by nobody who has the key that it names. */
  | 'not-authentic'
  /** It began, and was not brought to an end in time. */
  | 'given-up'

export interface AnswerRules {
  /** What sessions are for that others may open. */
  readonly role: NativeRole
  /** First contact without this end's public key is possible. */
  readonly takesStrangers: boolean
  /** Channels at once, those that are about to open among them, in all and of one origin. */
  readonly mostLinks: number
  readonly mostLinksOfOrigin: number
  /** Handshakes at once, in all and of one origin. */
  readonly mostPending: number
  readonly mostPendingOfOrigin: number
  /** Agreements of keys in a second: each costs a millisecond. */
  readonly perSecond: number
  /** Cookies in a second; more than so many strangers at once get no answer. */
  readonly cookiesPerSecond: number
  /** A handshake that takes longer is forgotten. */
  readonly withinMs: number
}

export const usualAnswerRules: AnswerRules = {
  role: 'viewer',
  takesStrangers: true,
  mostLinks: 1024,
  mostLinksOfOrigin: 128,
  mostPending: 256,
  mostPendingOfOrigin: 16,
  perSecond: 100,
  cookiesPerSecond: 2000,
  withinMs: 5000,
}

export interface AnsweringOptions {
  readonly crypto: NoiseCrypto
  readonly clock: Clock
  readonly port: PathPort
  readonly own: KeyPair
  readonly rules: AnswerRules
  readonly linkRules: LinkRules
  readonly resets: ChannelResets
  /** A number by which this end is to be called; undefined when there are too many channels. */
  readonly newIndex: () => number | undefined
  /** Channels that are open to one origin. */
  readonly linksOf: (origin: string) => number
  readonly opened: (link: SecureLink) => void
  /** Something came to nothing. */
  readonly failed: (fault: AnswerFault, path: DatagramPath) => void
}

type Initiation = Extract<NativePacket, { type: 'initiation' }>

interface Pending {
  readonly ownIndex: number
  readonly peerIndex: number
  readonly path: DatagramPath
  readonly noise: Uint8Array
  readonly response: Uint8Array
  readonly handshake: NoiseHandshake
  readonly untilMs: number
  /** From the moment on at which the keys are there. */
  link: SecureLink | undefined
}

/**
 * The responder's end of all handshakes. Until an address is proved by its cookie, nothing is kept for it, no key is computed, and
 * nothing that is sent to it is as long as what came.
 */
export class Answering {
  readonly #options: AnsweringOptions
  readonly #cookies: CookieJar
  readonly #budget: TokenBucket
  readonly #cookieBudget: TokenBucket
  /** By this end's own numbers. */
  readonly #pending = new Map<number, Pending>()

  constructor(options: AnsweringOptions) {
    const nowMs = options.clock.nowMs()
    this.#options = options
    this.#cookies = new CookieJar(options.crypto, nowMs)
    const { perSecond, cookiesPerSecond } = options.rules
    this.#budget = new TokenBucket({ perSecond, burst: perSecond, nowMs })
    this.#cookieBudget = new TokenBucket({ perSecond: cookiesPerSecond, burst: cookiesPerSecond, nowMs })
  }

  /** Handshakes that are on their way. */
  get pending(): number {
    return this.#pending.size
  }

  has(ownIndex: number): boolean {
    return this.#pending.has(ownIndex)
  }

  /** Somebody wants a channel. */
  initiated(packet: Initiation, path: DatagramPath): void {
    const { crypto, clock, own, port, rules } = this.#options
    const nowMs = clock.nowMs()
    const isStranger = packet.pattern === 'XX'
    const responderKey = isStranger ? undefined : own.publicKey
    if (!isSameProof(packet.mac1, firstProof(packet.proved.mac1, { crypto, responderKey }))) {
      return this.#options.failed('first-proof', path)
    }
    if (!this.#cookies.isProved({ proved: packet.proved.mac2, mac2: packet.mac2 }, path, nowMs)) {
      if (!this.#cookieBudget.take(nowMs)) return this.#options.failed('busy', path)
      const cookie = this.#cookies.cookie(path, nowMs)
      const { nonce, sealed } = sealCookie(cookie, { crypto, responderKey, mac1: packet.mac1 })
      port.send(encodeCookie(packet.sender, nonce, sealed), path)
      return
    }
    if (packet.role !== rules.role) return this.#options.failed('other-role', path)
    if (isStranger && !rules.takesStrangers) return this.refuse(packet.sender, 'key-required', path)
    const known = this.#pending.values().find((each) => isSame(each, packet, path))
    if (known) return void port.send(known.response.slice(), path)
    this.#begin(packet, path, nowMs)
  }

  /** What can be told to somebody who has proved nothing. It is shorter than an initiation. */
  refuse(receiver: number, cause: RefusalCause, path: DatagramPath): void {
    this.#options.failed(cause, path)
    this.#options.port.send(encodeRefusal(receiver, cause), path)
  }

  /** A packet for one of the handshakes. */
  receive(ownIndex: number, packet: Extract<NativePacket, { type: 'finish' | 'data' }>, path: DatagramPath): void {
    const pending = this.#pending.get(ownIndex)
    if (!pending) return
    try {
      if (packet.type === 'finish' && !pending.link) {
        pending.handshake.read(packet.noise)
        pending.link = this.#linkOf(pending)
      } else if (packet.type === 'data' && pending.link) {
        const { link } = pending
        link.receive(packet, path)
        if (link.isConfirmed) {
          this.#pending.delete(ownIndex)
          this.#options.opened(link)
        }
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#options.failed('not-authentic', path)
    }
  }

  /** What time brings. */
  tick(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const [ownIndex, { untilMs, path }] of this.#pending) {
      // They stand in the order in which they began.
      if (nowMs < untilMs) return
      this.#pending.delete(ownIndex)
      this.#options.failed('given-up', path)
    }
  }

  #begin(packet: Initiation, path: DatagramPath, nowMs: number): void {
    const { crypto, own, port, rules, resets, newIndex, linksOf, failed } = this.#options
    const ofOrigin = [...this.#pending.values()].filter((each) => each.path.origin === path.origin).length
    const isFull =
      this.#pending.size >= rules.mostPending ||
      ofOrigin >= rules.mostPendingOfOrigin ||
      ofOrigin + linksOf(path.origin) >= rules.mostLinksOfOrigin ||
      !this.#budget.take(nowMs)
    const ownIndex = isFull ? undefined : newIndex()
    if (ownIndex === undefined) return this.refuse(packet.sender, 'busy', path)
    const handshake = new NoiseHandshake({
      crypto,
      pattern: packet.pattern,
      isInitiator: false,
      prologue: nativePrologue(packet.role),
      own,
    })
    try {
      handshake.read(packet.noise)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return failed('not-authentic', path)
    }
    const pending: Pending = {
      ownIndex,
      peerIndex: packet.sender,
      path,
      noise: Uint8Array.from(packet.noise),
      response: encodeResponse(ownIndex, packet.sender, handshake.write(resets.tokenOf(ownIndex))),
      handshake,
      untilMs: nowMs + rules.withinMs,
      link: undefined,
    }
    if (handshake.isDone) pending.link = this.#linkOf(pending)
    this.#pending.set(ownIndex, pending)
    port.send(pending.response.slice(), path)
  }

  #linkOf({ handshake, ownIndex, peerIndex, path }: Pending): SecureLink {
    const { crypto, clock, port, linkRules } = this.#options
    return new SecureLink({
      crypto,
      clock,
      port,
      rules: linkRules,
      isInitiator: false,
      keys: handshake.split(),
      ownIndex,
      peerIndex,
      peerKey: handshake.peerKey as Uint8Array,
      path,
    })
  }
}

/** It asks again, because our answer was lost. */
function isSame(pending: Pending, { sender, noise }: Initiation, path: DatagramPath): boolean {
  return pending.peerIndex === sender && pending.path.name === path.name && Buffer.compare(pending.noise, noise) === 0
}
