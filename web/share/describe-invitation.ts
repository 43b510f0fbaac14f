import type { InvitationView } from '../../src/client/index.ts'

export const roleTexts: Readonly<Record<InvitationView['role'], string>> = {
  viewer: 'May watch',
  player: 'May play',
  agent: 'For an agent',
}

/** For how many people a link is. */
export function describePeople(maxUses: number | null): string {
  if (maxUses === null) return 'for any number of people'
  return maxUses === 1 ? 'for one person' : `for ${maxUses} people`
}

/** How far a link has been used, or why it cannot be any more. */
export function describeUses({ state, uses, maxUses }: InvitationView): string {
  if (state === 'destroyed') return 'destroyed by wrong PINs'
  if (state === 'used-up') return maxUses === 1 ? 'used' : `used by all ${maxUses}`
  if (maxUses !== null) return `${maxUses - uses} of ${maxUses} uses left`
  return uses === 0 ? 'not used yet' : `used ${uses === 1 ? 'once' : `${uses} times`}`
}
