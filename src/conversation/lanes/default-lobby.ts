import type { Host } from '../../host/contract/host.ts'
import type { Member } from '../../domain/member.ts'
import { mayEnter } from '../../domain/rights.ts'

/**
 * The lobby of somebody who has not named one: that of their invitation, else the oldest that they may enter; undefined
 * where there is none.
 */
export function defaultLobby(host: Host, member: Member): string | undefined {
  const open = [...host.lobbies.values()].filter(({ id, status }) => {
    return mayEnter(member, id) && status.value.status !== 'ended'
  })
  return open.toSorted((a, b) => a.createdAtMs - b.createdAtMs)[0]?.id
}
