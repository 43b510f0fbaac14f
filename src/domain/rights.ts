import type { Member, Role } from './member.ts'

/** What can be allowed or not. */
export type Action =
  /** See the lobbies one may enter, enter them, see and hear. */
  | 'watch'
  /** Use keyboard, pointer, wheel and clipboard, and know what the app copies. */
  | 'play'
  /** Give everybody's seats away, take them back and lock them. */
  | 'manage-seats'
  /** Create, change and end lobbies. */
  | 'manage-lobbies'
  /** Give a lobby another title. */
  | 'retitle'
  /** See how apps are started, and add, change and remove them. */
  | 'manage-apps'
  /** Make, see and revoke invitations. */
  | 'invite'
  /** See who came by an invitation, change their role, and show them out. */
  | 'manage-members'
  /** See everybody's sessions and their records, and end them. */
  | 'manage-sessions'
  /** Let the network that the host is on in, and shut it out. */
  | 'manage-network'
  /** See and change how the host runs. */
  | 'manage-settings'
  /** Make, join and leave a party, see who is in it, and say what they may do here. */
  | 'manage-party'

const rights: Readonly<Record<Role, readonly Action[]>> = {
  owner: [
    'watch',
    'play',
    'manage-seats',
    'manage-lobbies',
    'manage-apps',
    'retitle',
    'invite',
    'manage-members',
    'manage-sessions',
    'manage-network',
    'manage-settings',
    'manage-party',
  ],
  player: ['watch', 'play'],
  viewer: ['watch'],
  agent: ['watch', 'play'],
  app: ['retitle', 'manage-members'],
}

/** Whether a role allows an action at all. */
export function may(role: Role, action: Action): boolean {
  return rights[role].includes(action)
}

/** Whether a lobby is one that a member has anything to do with, whatever that is. */
export function covers(member: Member, lobbyId: string): boolean {
  return member.lobbies === 'all' || member.lobbies.includes(lobbyId)
}

/** Whether a member may enter a lobby. */
export function mayEnter(member: Member, lobbyId: string): boolean {
  return may(member.role, 'watch') && covers(member, lobbyId)
}
