import type { PartyPeerView, PartyView } from '../../wire/api/party.ts'
import { UsageError } from '../contract/usage-error.ts'

/** The other member that is meant, by id or name. Throws UsageError. */
export function findPeer({ peers }: PartyView, meant: string): PartyPeerView {
  const others = peers.filter(({ isMe }) => !isMe)
  const found = others.filter(({ id, name }) => id === meant || name === meant)
  const [peer] = found
  if (peer && found.length === 1) return peer
  const known = others.map(({ id, name }) => `${name} (${id})`).join(', ') || 'nobody else'
  const what = found.length > 1 ? `There is more than one "${meant}": name its id` : `Cannot find the member "${meant}"`
  throw new UsageError('wrong-arguments', `${what}. In the party: ${known}.`)
}
