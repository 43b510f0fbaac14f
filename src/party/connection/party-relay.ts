import { randomBytes } from 'node:crypto'
import { issueLease, relayIdOf, type SigningKey } from '../../net/relay/lease-signing.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'

/** A relay that this end may let others use, as its issuer. */
export interface PartyRelayAccess {
  readonly address: WireAddress
  /** What leases call it. */
  readonly name: string
  readonly issuer: SigningKey
}

/** Of a lease: twice as long as from one to the next, so that one may get lost. */
const leaseMs = 10 * 60_000
export const leaseEveryMs = leaseMs / 2

/** A number for the session of two ends; 48 random bits. */
export function newRelaySession(): number {
  return randomBytes(6).readUIntBE(0, 6)
}

/** The right of two ends to meet at a relay, for ten minutes. */
export function leaseFor(
  { name, issuer }: PartyRelayAccess,
  ends: { readonly session: number; readonly host: Uint8Array; readonly viewer: Uint8Array; readonly epochMs: number },
): Uint8Array {
  const { session, host, viewer, epochMs } = ends
  const issuedMs = Math.floor(epochMs)
  const expiresMs = issuedMs + leaseMs
  return issueLease({ kind: 'lease', session, issuedMs, expiresMs, relay: relayIdOf(name), host, viewer }, issuer)
}
