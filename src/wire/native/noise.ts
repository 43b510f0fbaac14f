import { WireError } from '../wire-error.ts'
import { keyBytes, tagBytes, type KeyPair, type NoiseCrypto } from './noise-crypto.ts'

/**
 * Handshakes of the Noise Protocol Framework, revision 34 (noiseprotocol.org), with `25519_ChaChaPoly_BLAKE2s`:
 *
 *     IK   <- s                      XX   -> e
 *          ...                            <- e, ee, s, es
 *          -> e, es, s, ss                -> s, se
 *          <- e, ee, se
 *
 * IK needs the responder's key beforehand and takes one round trip; XX tells both keys, and takes one and a half. With a key that both ends
 * were given before (section 9, "Pre-shared symmetric keys"), IK is `IKpsk2`: its second message proves that its writer has it, and what follows
 * that its reader has.
 */
export type NoisePattern = 'IK' | 'XX'

type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk'

const messages: Readonly<Record<NoisePattern, readonly (readonly Token[])[]>> = {
  IK: [
    ['e', 'es', 's', 'ss'],
    ['e', 'ee', 'se'],
  ],
  XX: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']],
}
const messagesWithPsk: readonly (readonly Token[])[] = [
  ['e', 'es', 's', 'ss'],
  ['e', 'ee', 'se', 'psk'],
]

export interface NoiseOptions {
  readonly crypto: NoiseCrypto
  readonly pattern: NoisePattern
  readonly isInitiator: boolean
  /** Both ends have the same, or the handshake fails: it binds what was agreed before. */
  readonly prologue: Uint8Array
  readonly own: KeyPair
  /** The responder's public key: an initiator of IK has to have it. */
  readonly peerKey?: Uint8Array | undefined
  /** Of IK: 32 bytes that both ends were given before, and nobody else. */
  readonly psk?: Uint8Array | undefined
  /** A fresh one unless given, as test vectors do. */
  readonly ephemeral?: KeyPair
}

/** What a handshake ends with: a key for each direction, and a hash that is the same at both ends and nowhere else. */
export interface NoiseKeys {
  readonly send: Uint8Array
  readonly receive: Uint8Array
  readonly handshakeHash: Uint8Array
}

/** What messages are mixed into, as one value: reading goes back to the one before when a message turns out to be forged. */
interface Progress {
  readonly chainingKey: Uint8Array
  readonly hash: Uint8Array
  /** None before the first agreement: what is said is only hashed then. */
  readonly key: Uint8Array | undefined
  readonly counter: number
  readonly peerKey: Uint8Array | undefined
  readonly peerEphemeral: Uint8Array | undefined
}

const nothing = new Uint8Array(0)

/** One end of a handshake. Messages take turns, the initiator's first. */
export class NoiseHandshake {
  readonly #crypto: NoiseCrypto
  readonly #messages: readonly (readonly Token[])[]
  readonly #isInitiator: boolean
  readonly #own: KeyPair
  readonly #psk: Uint8Array | undefined
  #ephemeral: KeyPair | undefined
  #at: Progress
  #next = 0

  constructor(options: NoiseOptions) {
    const { crypto, pattern, isInitiator, prologue, own, peerKey, psk } = options
    if (pattern === 'IK' && isInitiator && peerKey?.length !== keyBytes) {
      throw new RangeError("A handshake of IK begins with the other end's public key of 32 bytes")
    }
    if (psk && (pattern !== 'IK' || psk.length !== keyBytes)) {
      throw new RangeError('A key that was given before has 32 bytes, and goes with a handshake of IK')
    }
    this.#crypto = crypto
    this.#messages = psk ? messagesWithPsk : messages[pattern]
    this.#isInitiator = isInitiator
    this.#own = own
    this.#psk = psk
    this.#ephemeral = options.ephemeral
    // The name has 33 bytes or more, which is more than a hash: it is hashed.
    const hash = crypto.hash(new TextEncoder().encode(`Noise_${pattern}${psk ? 'psk2' : ''}_25519_ChaChaPoly_BLAKE2s`))
    this.#at = {
      chainingKey: hash,
      hash,
      key: undefined,
      counter: 0,
      peerKey: isInitiator ? peerKey : undefined,
      peerEphemeral: undefined,
    }
    this.#mixHash(prologue)
    if (pattern === 'IK') this.#mixHash(isInitiator ? (peerKey as Uint8Array) : own.publicKey)
  }

  /** There is no message left: {@link split} gives the keys. */
  get isDone(): boolean {
    return this.#next === this.#messages.length
  }

  /** The other end's public key, once it is known. */
  get peerKey(): Uint8Array | undefined {
    return this.#at.peerKey
  }

  /** The next message of this end, with a payload that is as secret as the keys agreed on so far make it. */
  write(payload: Uint8Array = nothing): Uint8Array {
    const parts: Uint8Array[] = []
    for (const token of this.#tokens(this.#isInitiator)) {
      if (token === 'e') {
        this.#ephemeral ??= this.#crypto.newKeyPair()
        this.#mixEphemeral(this.#ephemeral.publicKey)
        parts.push(this.#ephemeral.publicKey)
      } else if (token === 's') {
        parts.push(this.#seal(this.#own.publicKey))
      } else {
        this.#mixToken(token)
      }
    }
    parts.push(this.#seal(payload))
    this.#next++
    return joined(parts)
  }

  /**
   * The payload of the next message of the other end. Throws WireError `too-short` or `malformed` for what is none, or was not made for
   * this handshake: then nothing has changed, and the right one can still come.
   */
  read(message: Uint8Array): Uint8Array {
    const before = this.#at
    try {
      let at = 0
      const take = (count: number) => {
        if (at + count > message.length) throw new WireError('too-short', 'A handshake message ends before its keys')
        return message.slice(at, (at += count))
      }
      for (const token of this.#tokens(!this.#isInitiator)) {
        if (token === 'e') {
          const peerEphemeral = take(keyBytes)
          this.#at = { ...this.#at, peerEphemeral }
          this.#mixEphemeral(peerEphemeral)
        } else if (token === 's') {
          const peerKey = this.#open(take(this.#at.key === undefined ? keyBytes : keyBytes + tagBytes))
          this.#at = { ...this.#at, peerKey }
        } else {
          this.#mixToken(token)
        }
      }
      const payload = this.#open(message.slice(at))
      this.#next++
      return payload
    } catch (error) {
      this.#at = before
      throw error
    }
  }

  /** The keys of a handshake that is done. */
  split(): NoiseKeys {
    if (!this.isDone) throw new TypeError('A handshake has no keys before it is done')
    const [first, second] = this.#derive(nothing)
    const [send, receive] = this.#isInitiator ? [first, second] : [second, first]
    return { send, receive, handshakeHash: this.#at.hash }
  }

  #tokens(isInitiators: boolean): readonly Token[] {
    const tokens = this.#messages[this.#next]
    if (tokens === undefined || (this.#next % 2 === 0) !== isInitiators) {
      throw new TypeError('It is not the turn of this end of the handshake')
    }
    return tokens
  }

  /** Where a key was given before, an ephemeral one is mixed into the chain as well, so that no two handshakes have the same. */
  #mixEphemeral(publicKey: Uint8Array): void {
    this.#mixHash(publicKey)
    if (this.#psk) this.#mixKey(publicKey)
  }

  #mixToken(token: Exclude<Token, 'e' | 's'>): void {
    if (token === 'psk') this.#mixPsk(this.#psk as Uint8Array)
    else this.#agree(token)
  }

  /** `es` is the initiator's ephemeral key with the responder's static one, whichever end computes it. */
  #agree(token: Exclude<Token, 'e' | 's' | 'psk'>): void {
    const [mine, theirs] = this.#isInitiator ? [token[0], token[1]] : [token[1], token[0]]
    const { peerKey, peerEphemeral } = this.#at
    const own = mine === 'e' ? this.#ephemeral : this.#own
    const their = theirs === 'e' ? peerEphemeral : peerKey
    if (own === undefined || their === undefined) throw new TypeError(`A handshake has no key for "${token}"`)
    const shared = own.agree(their)
    if (shared === undefined) throw new WireError('malformed', 'A handshake message has a public key that is none')
    this.#mixKey(shared)
  }

  #mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#derive(input)
    this.#at = { ...this.#at, chainingKey, key, counter: 0 }
  }

  /** `MixKeyAndHash` of the framework. */
  #mixPsk(psk: Uint8Array): void {
    const [chainingKey, hashed, key] = this.#derive(psk)
    this.#at = { ...this.#at, chainingKey }
    this.#mixHash(hashed)
    this.#at = { ...this.#at, key, counter: 0 }
  }

  /** HKDF (RFC 5869) with three outputs, of which the framework takes two or all. */
  #derive(input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
    const extracted = this.#crypto.hmac(this.#at.chainingKey, input)
    const first = this.#crypto.hmac(extracted, Uint8Array.of(1))
    const second = this.#crypto.hmac(extracted, first, Uint8Array.of(2))
    return [first, second, this.#crypto.hmac(extracted, second, Uint8Array.of(3))]
  }

  #mixHash(data: Uint8Array): void {
    this.#at = { ...this.#at, hash: this.#crypto.hash(this.#at.hash, data) }
  }

  #seal(plain: Uint8Array): Uint8Array {
    const { key, counter, hash } = this.#at
    const sealed = key === undefined ? plain : this.#crypto.seal(key, counter, hash, plain)
    this.#at = { ...this.#at, counter: counter + 1 }
    this.#mixHash(sealed)
    return sealed
  }

  #open(sealed: Uint8Array): Uint8Array {
    const { key, counter, hash } = this.#at
    const plain = key === undefined ? sealed : this.#crypto.open(key, counter, hash, sealed)
    if (plain === undefined) throw new WireError('malformed', 'A handshake message was not made for this handshake')
    this.#at = { ...this.#at, counter: counter + 1 }
    this.#mixHash(sealed)
    return plain
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
