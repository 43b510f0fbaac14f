import type { Unsubscribe } from '../../kernel/readable.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import type { Sent, SessionPlace } from '../contract/stream-session.ts'

/** Whose guest a session is: nobody's, or a lobby's that it has joined; and who has sent it there, if somebody has. */
export type Membership = { readonly sent: Sent | undefined } & (
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'lobby'; readonly lobby: HostedLobby; readonly unsubscribe: Unsubscribe }
)

/** Where that puts a session now. */
export function placeOf(membership: Membership): SessionPlace {
  const sent = membership.sent && { sent: membership.sent }
  if (membership.kind === 'none') {
    return { kind: 'waiting-room', lobbyId: undefined, reason: membership.reason, ...sent }
  }
  const { id: lobbyId, state } = membership.lobby
  if (state.value.status === 'running') return { kind: 'lobby', lobbyId, ...sent }
  return { kind: 'waiting-room', lobbyId, reason: state.value.reason, ...sent }
}

export function isSamePlace(a: SessionPlace, b: SessionPlace): boolean {
  if (a.sent !== b.sent || a.lobbyId !== b.lobbyId) return false
  return a.kind === 'lobby' ? b.kind === 'lobby' : b.kind === 'waiting-room' && a.reason === b.reason
}
