import { TokenBucket } from '../../kernel/token-bucket.ts'
import { isSameProof } from '../../wire/native/initiation-proof.ts'
import type { KeyPair, NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { encodeReset, resetTokenBytes } from '../../wire/native/packet.ts'
import type { DatagramPath } from '../contract/datagram-path.ts'

/** In a second: a client that has lost its host asks twice, and more clients at once are told a little later. */
const perSecond = 200
const perOrigin = 10

/**
 * How a client learns at once that the host has been started again (RFC 9000, section 10.3). The token of a channel follows from the
 * host's own key and the channel's number, so that the host needs no memory to tell it; the client is told it under the seal of the
 * handshake. It is said to nobody as long as the channel stands, and whoever has not the host's key cannot make it.
 */
export class ChannelResets {
  readonly #crypto: NoiseCrypto
  readonly #key: Uint8Array
  readonly #budget: TokenBucket
  /** Those of this second; as many as the budget at most. */
  readonly #told = new Map<string, number>()
  #secondMs: number

  /** `place` tells apart those who have the same key at once, and is the same after a restart: a port. */
  constructor(options: { crypto: NoiseCrypto; own: KeyPair; place: string; nowMs: number }) {
    const { crypto, own, place, nowMs } = options
    this.#crypto = crypto
    // What only the holder of the secret key can compute.
    const secret = own.agree(own.publicKey) ?? crypto.random(32)
    this.#key = crypto.hmac(secret, new TextEncoder().encode(`porchlight native reset ${place}`))
    this.#budget = new TokenBucket({ perSecond, burst: perSecond, nowMs })
    this.#secondMs = nowMs
  }

  /** Of the channel in which this end is called by that number. */
  tokenOf(index: number): Uint8Array {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, index, true)
    return this.#crypto.hmac(this.#key, bytes).slice(0, resetTokenBytes)
  }

  /** What a packet for a channel that is not known here is answered with: less than came. Undefined where too many were answered. */
  answerTo(index: number, path: DatagramPath, nowMs: number): Uint8Array | undefined {
    if (nowMs - this.#secondMs >= 1000) {
      this.#secondMs = nowMs
      this.#told.clear()
    }
    const told = this.#told.get(path.origin) ?? 0
    if (told >= perOrigin || !this.#budget.take(nowMs)) return undefined
    this.#told.set(path.origin, told + 1)
    return encodeReset(index, this.tokenOf(index))
  }
}

/** Whether a reset is that of the channel whose token was told. */
export function isResetOf(token: Uint8Array | undefined, told: Uint8Array): boolean {
  return token !== undefined && isSameProof(token, told)
}
