import { Backoff } from '../../kernel/backoff.ts'
import type { Clock } from '../../kernel/clock.ts'
import { openCookie, proveInitiation } from '../../wire/native/initiation-proof.ts'
import type { KeyPair, NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { NoiseHandshake } from '../../wire/native/noise.ts'
import {
  encodeFinish,
  encodeInitiation,
  resetTokenBytes,
  type NativePacket,
  type NativeRole,
  type RefusalCause,
} from '../../wire/native/packet.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { DatagramPath, PathPort } from '../contract/datagram-path.ts'
import type { KnownCookies } from './known-cookies.ts'
import { NativeError } from './native-error.ts'
import { nativePrologue } from './native-prologue.ts'
import { SecureLink, type LinkRules } from './secure-link.ts'

/** Whom somebody wants a channel with. */
export interface DialOptions {
  readonly path: DatagramPath
  readonly role: NativeRole
  /** The other end's public key; undefined on first contact, where whoever answers tells it, and it has to be looked at then. */
  readonly peerKey: Uint8Array | undefined
  /** 10 s unless given. */
  readonly withinMs?: number
}

export interface DiallingOptions extends DialOptions {
  readonly crypto: NoiseCrypto
  readonly clock: Clock
  readonly port: PathPort
  readonly own: KeyPair
  readonly ownIndex: number
  readonly rules: LinkRules
  readonly cookies: KnownCookies
  readonly random: () => number
}

const usualLimitMs = 10_000
const retry = { baseDelayMs: 250, maxDelayMs: 1000, jitterFactor: 0.2, healthyAfterMs: Infinity }
/** In answer to one initiation; more are somebody else's. */
const mostCookies = 3

type State =
  | { readonly name: 'asking'; mac1: Uint8Array; cookies: number; packet: Uint8Array }
  /** The keys are there; that the other end has heard the last word, of XX, is not known. */
  | { readonly name: 'confirming'; readonly link: SecureLink; readonly finish: Uint8Array }
  | { readonly name: 'over'; readonly link: SecureLink | undefined }

/** The initiator's end of a handshake, from the first packet until the responder has shown that it has the keys. */
export class Dialling {
  readonly done: Promise<SecureLink>
  readonly #options: DiallingOptions
  readonly #handshake: NoiseHandshake
  #backoff: Backoff
  readonly #deadlineMs: number
  readonly #settle: { resolve(link: SecureLink): void; reject(error: NativeError): void }
  #state: State
  #nextMs = 0
  #refused: RefusalCause | undefined
  #forged = 0

  constructor(options: DiallingOptions) {
    const { crypto, clock, role, peerKey, own, ownIndex } = options
    const { promise, resolve, reject } = Promise.withResolvers<SecureLink>()
    const pattern = peerKey === undefined ? 'XX' : 'IK'
    this.done = promise
    this.#options = options
    this.#settle = { resolve, reject }
    this.#backoff = this.#freshBackoff()
    this.#deadlineMs = clock.nowMs() + (options.withinMs ?? usualLimitMs)
    this.#handshake = new NoiseHandshake({
      crypto,
      pattern,
      isInitiator: true,
      prologue: nativePrologue(role),
      own,
      peerKey,
    })
    const packet = encodeInitiation({ pattern, role, sender: ownIndex, noise: this.#handshake.write() })
    const cookie = options.cookies.get(options.path, peerKey, clock.nowMs())
    const mac1 = proveInitiation(packet, { crypto, responderKey: peerKey, cookie })
    this.#state = { name: 'asking', mac1, cookies: 0, packet }
    this.#say()
  }

  /** The channel, once it is open. */
  get opened(): SecureLink | undefined {
    return this.#state.name === 'over' ? this.#state.link : undefined
  }

  /** Takes a packet that is for this end. */
  receive(packet: NativePacket, path: DatagramPath): void {
    try {
      if (packet.type === 'cookie') this.#takeCookie(packet)
      else if (packet.type === 'response') this.#takeResponse(packet)
      else if (packet.type === 'refusal') this.#refused = packet.cause
      else if (packet.type === 'data' && this.#state.name === 'confirming')
        this.#takeData(this.#state.link, packet, path)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#forged++
    }
  }

  /** What time brings. True when it is over. */
  tick(): boolean {
    const nowMs = this.#options.clock.nowMs()
    if (this.#state.name === 'over') return true
    if (nowMs >= this.#deadlineMs) {
      this.#fail(this.#reason())
      return true
    }
    if (nowMs >= this.#nextMs) this.#say()
    return false
  }

  close(): void {
    this.#fail(new NativeError('closed', 'This end is closing'))
  }

  /** The other end is there: what is said next is tried as quickly as the first. */
  #goOn(): void {
    this.#backoff = this.#freshBackoff()
    this.#say()
  }

  #freshBackoff(): Backoff {
    return new Backoff(retry, this.#options.clock, this.#options.random)
  }

  #say(): void {
    const { port, path, clock } = this.#options
    this.#nextMs = clock.nowMs() + this.#backoff.failed()
    if (this.#state.name === 'asking') port.send(this.#state.packet.slice(), path)
    if (this.#state.name !== 'confirming') return
    port.send(this.#state.finish.slice(), path)
    this.#state.link.confirm()
  }

  #takeCookie({ nonce, sealed }: Extract<NativePacket, { type: 'cookie' }>): void {
    if (this.#state.name !== 'asking' || this.#state.cookies >= mostCookies) return
    const { crypto, clock, cookies, path, peerKey: responderKey } = this.#options
    const { packet, mac1 } = this.#state
    const cookie = openCookie({ nonce, sealed }, { crypto, responderKey, mac1 })
    this.#state.cookies++
    cookies.put(path, responderKey, { cookie, nowMs: clock.nowMs() })
    proveInitiation(packet, { crypto, responderKey, cookie })
    this.#goOn()
  }

  #takeResponse({ sender, noise }: Extract<NativePacket, { type: 'response' }>): void {
    if (this.#state.name !== 'asking') return
    const { crypto, clock, port, rules, path, ownIndex } = this.#options
    const told = this.#handshake.read(noise)
    // The response of IK shows that the responder has the keys; after that of XX it has yet to hear who this is.
    const finish = this.#handshake.isDone ? undefined : encodeFinish(sender, this.#handshake.write())
    const link = new SecureLink({
      crypto,
      clock,
      port,
      rules,
      path,
      ownIndex,
      isInitiator: true,
      keys: this.#handshake.split(),
      peerIndex: sender,
      peerKey: this.#handshake.peerKey as Uint8Array,
      resetToken: told.length === resetTokenBytes ? told : undefined,
    })
    if (finish) {
      this.#state = { name: 'confirming', link, finish }
      this.#goOn()
    } else {
      this.#open(link)
      link.confirm()
    }
  }

  #open(link: SecureLink): void {
    this.#state = { name: 'over', link }
    this.#settle.resolve(link)
  }

  #takeData(link: SecureLink, packet: Extract<NativePacket, { type: 'data' }>, path: DatagramPath): void {
    link.receive(packet, path)
    if (link.isConfirmed) this.#open(link)
  }

  #fail(error: NativeError): void {
    if (this.#state.name === 'over') return
    if (this.#state.name === 'confirming') this.#state.link.close('closed', 'The handshake was given up')
    this.#state = { name: 'over', link: undefined }
    this.#settle.reject(error)
  }

  #reason(): NativeError {
    const where = `Cannot open a channel by ${this.#options.path.name}`
    if (this.#refused) return new NativeError(this.#refused, `${where}: ${refusals[this.#refused]}`)
    if (this.#forged > 0) return new NativeError('not-authentic', `${where}: what answers there has another key`)
    return new NativeError('unreachable', `${where}: nobody answers there under this key`)
  }
}

const refusals: Readonly<Record<RefusalCause, string>> = {
  version: 'the other end speaks another version',
  busy: 'the other end has no room for one more',
  'key-required': 'the other end takes only those who know its key',
  closed: 'the other end lets nobody in for now',
}
