/** What a relay lets people do, and for how long it waits. */
export interface RelayLimits {
  /** From one source (an IP address, the /64 of IPv6), while it asks to be let in. */
  readonly asking: { readonly packetsPerS: number; readonly burst: number }
  /** Signatures that are looked at, from all together. */
  readonly proofsPerS: number
  /** From one end of a session, once it was let in. */
  readonly forwarding: { readonly packetsPerS: number; readonly bytesPerS: number }
  readonly sessions: number
  /** One end waits so long for the other. */
  readonly peerWaitMs: number
  /** An end that sends nothing for so long has gone. */
  readonly idleMs: number
  /** A lease may be good for so long at most. */
  readonly longestLeaseMs: number
}

export const defaultRelayLimits: RelayLimits = {
  asking: { packetsPerS: 20, burst: 60 },
  proofsPerS: 1000,
  forwarding: { packetsPerS: 20_000, bytesPerS: 12_500_000 },
  sessions: 10_000,
  peerWaitMs: 30_000,
  idleMs: 60_000,
  longestLeaseMs: 600_000,
}

/** What has happened at a relay since it was opened. */
export interface RelayCounters {
  forwardedPackets: number
  forwardedBytes: number
  /** By why: over a limit, for no session, from an address that is none of its ends, while the other end is not there. */
  droppedOverLimit: number
  droppedStrangers: number
  droppedAlone: number
  admitted: number
  renewed: number
  rejected: number
  ended: number
  stunAnswers: number
  turnGrants: number
}

export function newRelayCounters(): RelayCounters {
  return {
    forwardedPackets: 0,
    forwardedBytes: 0,
    droppedOverLimit: 0,
    droppedStrangers: 0,
    droppedAlone: 0,
    admitted: 0,
    renewed: 0,
    rejected: 0,
    ended: 0,
    stunAnswers: 0,
    turnGrants: 0,
  }
}
