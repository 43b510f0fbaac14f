import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import type { Clock } from '../kernel/clock.ts'
import { isSigned, verifyingKeyOf } from '../net/relay/lease-signing.ts'
import { formatAddress, type WireAddress } from '../wire/address-bytes.ts'
import { decodeLease, type RelayLease, type SignedLease } from '../wire/relay/lease.ts'
import { cookieBytes, provenBy, type RelayReason } from '../wire/relay/relay-message.ts'
import { WireError } from '../wire/wire-error.ts'

/** Whose leases a relay takes, and who it is itself. */
export interface RelayTrust {
  readonly issuers: readonly KeyObject[]
  /** See `relayIdOf`. */
  readonly id: Uint8Array
  /** 32 random bytes, the same in all workers of a relay: cookies are made with it. */
  readonly secret: Uint8Array
  readonly longestLeaseMs: number
}

/** Clocks of issuers may be ahead by so much. */
const skewMs = 30_000
/** A cookie is good for this long at least, and for twice as long at most. */
const cookieMs = 30_000
const noCookie = new Uint8Array(cookieBytes)

/** Says whether a lease is good here, who holds it, and whether an address is one. Remembers nothing. */
export class LeaseJudge {
  readonly #trust: RelayTrust
  readonly #clock: Clock

  constructor(trust: RelayTrust, clock: Clock) {
    this.#trust = trust
    this.#clock = clock
  }

  /** All but the signature: cheap, for those who have not proved anything yet. */
  read(bytes: Uint8Array): SignedLease | RelayReason {
    let read: SignedLease
    try {
      read = decodeLease(bytes)
    } catch (error) {
      if (error instanceof WireError) return 'malformed'
      throw error
    }
    const { relay, issuedMs, expiresMs } = read.lease
    const nowMs = this.#clock.epochMs()
    if (!Buffer.from(relay).equals(this.#trust.id)) return 'other-relay'
    if (expiresMs <= nowMs) return 'expired'
    if (issuedMs > nowMs + skewMs) return 'not-yet-valid'
    if (expiresMs - issuedMs > this.#trust.longestLeaseMs) return 'too-long-lived'
    return read
  }

  isIssued({ signed, signature }: SignedLease): boolean {
    return this.#trust.issuers.some((issuer) => isSigned(signed, signature, issuer))
  }

  /** 0 for the host's end, 1 for the viewer's; undefined for neither. */
  holderOf(
    lease: RelayLease,
    proof: { type: 'prove' | 'renew' | 'turn'; bytes: Uint8Array; signature: Uint8Array; cookie?: Uint8Array },
  ): 0 | 1 | undefined {
    const said = provenBy(proof.type, proof.cookie ?? noCookie, proof.bytes)
    const holds = (key: Uint8Array) => {
      try {
        return isSigned(said, proof.signature, verifyingKeyOf(key))
      } catch {
        return false
      }
    }
    if (holds(lease.host)) return 0
    return holds(lease.viewer) ? 1 : undefined
  }

  /** What only who receives at that address knows. */
  cookieFor(from: WireAddress): Uint8Array {
    return this.#cookie(from, Math.trunc(this.#clock.epochMs() / cookieMs))
  }

  isCookieOf(from: WireAddress, cookie: Uint8Array): boolean {
    const now = Math.trunc(this.#clock.epochMs() / cookieMs)
    return [now, now - 1].some((slot) => timingSafeEqual(this.#cookie(from, slot), cookie))
  }

  #cookie(from: WireAddress, slot: number): Uint8Array {
    const mac = createHmac('sha256', this.#trust.secret)
      .update(`${slot} ${formatAddress(from)}`)
      .digest()
    return Uint8Array.from(mac.subarray(0, cookieBytes))
  }
}
