import type { PartyPermission } from '../../src/client/party.ts'

/** What members may do, as people read it. */
export const permissionNames: Readonly<Record<PartyPermission, string>> = {
  nothing: 'Nothing',
  see: 'See what is on',
  watch: 'Watch',
  play: 'Play',
  start: 'Play and start apps',
}
