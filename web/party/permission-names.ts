import type { PartyPermission } from '../../src/client/party.ts'

/** What members may do, as people read it. */
export const permissionNames: Readonly<Record<PartyPermission, string>> = {
  nothing: 'Nothing',
  see: 'See what is on',
  watch: 'Watch',
  play: 'Play',
  start: 'Play and start apps',
}

/** What each lets them do, beyond those before it. */
export const permissionNotes: Readonly<Record<PartyPermission, string>> = {
  nothing: 'They do not see what is on here.',
  see: 'They see on their wall which lobbies are on here.',
  watch: 'They step in and watch and listen, chat, talk, and ask to play.',
  play: 'They have keyboard, mouse and gamepads of an app in their hands. What it can do here, they can.',
  start: 'They start apps of this host as well.',
}
