import { permits } from '../../domain/party-permission.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { ShowLobby } from '../../party/share/lobby-looks.ts'
import { stillTag } from '../http/thumbnail.ts'
import type { PartyRights } from './party-rights.ts'

/** Of one member: a wall with as many lobbies as are told looks into each of them every four seconds. */
const pace = { perSecond: 8, burst: 32 }
const mostPeers = 1024

/**
 * How lobbies here look to members of the party: to those who may watch, at a bounded pace. A picture is made when somebody looks, every two
 * seconds at most for all of them, and not at all for a wall that nobody looks at.
 */
export function openLobbyShows({ host, rights, clock }: { host: Host; rights: PartyRights; clock: Clock }): ShowLobby {
  const paces = new Map<string, TokenBucket>()
  const mayLook = (peerId: string): boolean => {
    const nowMs = clock.nowMs()
    let own = paces.get(peerId)
    if (!own) {
      const [oldest] = paces.keys()
      if (paces.size >= mostPeers && oldest !== undefined) paces.delete(oldest)
      paces.set(peerId, (own = new TokenBucket({ ...pace, nowMs })))
    }
    return own.take(nowMs)
  }
  return async (peerId, { lobbyId, tag: known }) => {
    const lobby = permits(rights.of(peerId), 'watch') ? host.lobbies.get(lobbyId) : undefined
    if (!lobby || !mayLook(peerId)) return { type: 'refused' }
    const still = await lobby.still()
    if (!still) return { type: 'nothing' }
    const tag = stillTag(still.jpeg)
    return tag === known ? { type: 'unchanged' } : { type: 'picture', tag, jpeg: still.jpeg }
  }
}
