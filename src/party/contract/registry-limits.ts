/** How much a registry takes. */
export interface RegistryLimits {
  readonly parties: number
  readonly peersPerParty: number
  readonly tokens: number
  readonly relays: number
  /** A peer that was not heard of for so long is gone. */
  readonly peerStaleMs: number
  /** A relay that was silent for so long is offered last. */
  readonly relayUnwellMs: number
  readonly relayStaleMs: number
  readonly tokenMs: number
}

export const defaultLimits: RegistryLimits = {
  parties: 20_000,
  peersPerParty: 1024,
  tokens: 200_000,
  relays: 256,
  peerStaleMs: 5 * 60_000,
  relayUnwellMs: 90_000,
  relayStaleMs: 10 * 60_000,
  tokenMs: 24 * 3_600_000,
}
