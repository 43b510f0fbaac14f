/** How two ends reach each other: by the network alone, through a relay, or inside the host's web port. */
export type PathKind = 'direct' | 'relayed' | 'web-port'

/** Which paths an operator wants. The web port is taken when no other is there, unless a policy names one kind alone. */
export const pathPolicies = ['prefer-direct', 'prefer-relay', 'relay-only', 'direct-only'] as const
export type PathPolicy = (typeof pathPolicies)[number]
/** `indirect`: of an end about whose network nothing can be told, which takes no direct path until something can. */
export type FinderPolicy = PathPolicy | 'indirect'

const ranks: Readonly<Record<FinderPolicy, Partial<Readonly<Record<PathKind, number>>>>> = {
  'prefer-direct': { direct: 0, relayed: 1, 'web-port': 2 },
  'prefer-relay': { relayed: 0, direct: 1, 'web-port': 2 },
  'relay-only': { relayed: 0 },
  'direct-only': { direct: 0 },
  // As with `prefer-direct`, which comes in its place under the paths that there are.
  indirect: { relayed: 1, 'web-port': 2 },
}

/** The smaller, the rather it is taken; undefined for what the policy does not allow. */
export function rankOf(kind: PathKind, policy: FinderPolicy): number | undefined {
  return ranks[policy][kind]
}
