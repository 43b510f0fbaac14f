/**
 * What members of a party may do in each other's lobbies, as the owner of the lobbies chooses: nothing, see that they are there, watch, play,
 * start apps as well. Each includes those before it.
 */
export const partyPermissions = ['nothing', 'see', 'watch', 'play', 'start'] as const
export type PartyPermission = (typeof partyPermissions)[number]

/** Whether somebody who has that permission may do what takes `wanted`. */
export function permits(has: PartyPermission, wanted: PartyPermission): boolean {
  return partyPermissions.indexOf(has) >= partyPermissions.indexOf(wanted)
}
