import type { NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { isSameProof, secondProof } from '../../wire/native/initiation-proof.ts'
import { cookieBytes } from '../../wire/native/packet.ts'
import type { DatagramPath } from '../contract/datagram-path.ts'

const goodForMs = 60_000

/**
 * Cookies by which addresses are proved, without anything to remember for each: one is made of the path and of a secret that changes
 * once a minute. The one before still counts.
 */
export class CookieJar {
  readonly #crypto: NoiseCrypto
  #secret: Uint8Array
  #former: Uint8Array | undefined
  #changedMs: number

  constructor(crypto: NoiseCrypto, nowMs: number) {
    this.#crypto = crypto
    this.#secret = crypto.random(32)
    this.#changedMs = nowMs
  }

  cookie(path: DatagramPath, nowMs: number): Uint8Array {
    this.#turn(nowMs)
    return this.#made(this.#secret, path)
  }

  /** Whether the sender has the cookie of the path that its packet came by. */
  isProved(
    { proved, mac2 }: { readonly proved: Uint8Array; readonly mac2: Uint8Array },
    path: DatagramPath,
    nowMs: number,
  ): boolean {
    this.#turn(nowMs)
    return [this.#secret, this.#former].some(
      (secret) =>
        secret !== undefined &&
        isSameProof(mac2, secondProof(proved, { crypto: this.#crypto, cookie: this.#made(secret, path) })),
    )
  }

  #made(secret: Uint8Array, { name }: DatagramPath): Uint8Array {
    return this.#crypto.hmac(secret, new TextEncoder().encode(name)).subarray(0, cookieBytes)
  }

  #turn(nowMs: number): void {
    const ageMs = nowMs - this.#changedMs
    if (ageMs < goodForMs) return
    this.#former = ageMs < 2 * goodForMs ? this.#secret : undefined
    this.#secret = this.#crypto.random(32)
    this.#changedMs = nowMs
  }
}
