import type { Member } from '../../domain/member.ts'
import { may, type Action } from '../../domain/rights.ts'
import { ApiError } from './api-error.ts'

const attempts: Readonly<Record<Action, string>> = {
  watch: 'watch',
  play: 'play',
  'manage-seats': "decide about other people's seats",
  'manage-lobbies': 'create, change or stop lobbies',
  retitle: 'change the title of a lobby',
  'manage-apps': 'see how apps are started, add, change or remove them',
  invite: 'invite others',
  'manage-members': 'change or remove other members',
  'manage-sessions': "see or end other people's sessions",
  'manage-network': 'let the network in or shut it out',
  'manage-settings': 'see or change how the host runs',
  'manage-party': 'make, join or leave a party, or see who is in it',
}

/** Throws ApiError `forbidden` when the member's role does not allow the action. */
export function demand(member: Member, action: Action): void {
  if (may(member.role, action)) return
  throw new ApiError('forbidden', `Cannot ${attempts[action]} as ${member.role}`)
}
