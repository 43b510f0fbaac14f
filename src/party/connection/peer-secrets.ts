import { createHash, createHmac } from 'node:crypto'
import type { PathCredentials } from '../../net/paths/path-check.ts'

/** One end of two, as both know it. */
export interface PeerEnd {
  readonly id: string
  /** Names its present life. */
  readonly session: string
}

/**
 * What the checks of two peers are sealed with: made of what their keys agree on, so that whoever passes their signals on cannot make
 * checks, and of both lives, so that those of a former one are worth nothing.
 */
export function peerCredentials(
  agreed: Uint8Array,
  { partyId, own, other }: { readonly partyId: string; readonly own: PeerEnd; readonly other: PeerEnd },
): { readonly local: PathCredentials; readonly remote: PathCredentials } {
  const ends = [own, other].toSorted((a, b) => (a.id < b.id ? -1 : 1)).flatMap(({ id, session }) => [id, session])
  const credentialsOf = ({ id }: PeerEnd): PathCredentials => {
    const said = JSON.stringify(['porchlight party paths', partyId, ...ends, id])
    const fragment = createHash('sha256').update(said).digest('base64url').slice(0, 16)
    return { fragment, password: createHmac('sha256', agreed).update(said).digest('base64url') }
  }
  return { local: credentialsOf(own), remote: credentialsOf(other) }
}
