import type { OfferedRelay } from '../../../wire/reach/signals.ts'

/** What is granted for one pair of ends, until it is revoked. */
export interface RelayGrant {
  /** The relays are told that it is over. Idempotent. */
  revoke(): void
}

/** Whoever issues leases of relays. */
export interface RelayLeases {
  /**
   * Issues leases of every relay there is for these two ends (their keys, as they said them), and tells of them: soon, and again before
   * they expire.
   */
  grant(
    ends: { readonly host: Uint8Array; readonly viewer: Uint8Array },
    tell: (relays: OfferedRelay[]) => void,
  ): RelayGrant
}
