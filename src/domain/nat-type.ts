/**
 * How the router in front of a machine treats its UDP (RFC 4787 calls it mapping and filtering; these are the older names of seed
 * 002): nothing in between, anybody may answer, the addresses that were sent to, their ports only, or a port of its own for each target.
 */
export const natTypes = [
  'unknown',
  'open',
  'full_cone',
  'restricted_cone',
  'port_restricted_cone',
  'symmetric',
] as const

export type NatType = (typeof natTypes)[number]

/**
 * Seed 002, appendix "NAT compatibility matrix", to the letter: with whom a machine behind such a router is said to connect
 * directly. It denies four pairs that do connect: what is measured, and tried, is told by `canPunch` of the network room.
 */
const compatible: Readonly<Record<NatType, readonly NatType[]>> = {
  open: ['open', 'full_cone', 'restricted_cone', 'port_restricted_cone', 'symmetric'],
  full_cone: ['open', 'full_cone', 'restricted_cone', 'port_restricted_cone'],
  restricted_cone: ['open', 'full_cone', 'restricted_cone'],
  port_restricted_cone: ['open', 'full_cone'],
  symmetric: ['open'],
  unknown: [],
}

/** Whether the seed's matrix says that the two connect directly. Who does not know their own type needs a relay. */
export function isCompatible(mine: NatType, theirs: NatType): boolean {
  return compatible[mine].includes(theirs)
}
