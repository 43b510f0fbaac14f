/**
 * Why a member is not talked to, where the second part of the party's code is the reason: it came in without one, it has another one, or this
 * host came in without one. A control plane that puts itself between two members shows as `other-secret` at both.
 */
export const memberDoubts = ['without-secret', 'other-secret', 'secret-wanted'] as const
export type MemberDoubt = (typeof memberDoubts)[number]
