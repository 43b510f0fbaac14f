/**
 * The fragment of a link: `#token=...` signs somebody in, `#invite=...` lets them redeem an invitation, and `&lobby=...`
 * leads straight into a lobby.
 */
export const tokenFragmentKey = 'token'
export const inviteFragmentKey = 'invite'
export const lobbyFragmentKey = 'lobby'
/** `#handover=<ticket>&session=<id>.<resume token>` goes on on this device where another one is. */
export const handOverFragmentKey = 'handover'
export const sessionFragmentKey = 'session'
