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
 * directly. It denies four pairs that do connect; what is measured is {@link punches}.
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

/**
 * Whether punching holes from both sides at once opens a direct path, as measured with real routers of each kind, nine times a
 * pair: all but port-restricted with symmetric and symmetric with itself. A hint for what is tried first; checks decide.
 */
export function punches(mine: NatType, theirs: NatType): boolean {
  if (mine === 'unknown' || theirs === 'unknown') return false
  const strict = (type: NatType) => type === 'symmetric' || type === 'port_restricted_cone'
  return !(strict(mine) && strict(theirs) && (mine === 'symmetric' || theirs === 'symmetric'))
}
