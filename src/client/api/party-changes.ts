import * as v from 'valibot'
import { mostLatencyPoints, partyChange, type PartyPeerView, type PartyView } from '../../wire/api/party.ts'
import type { PartyNetworkView } from '../../wire/api/party-network.ts'

/** What of a party is known. */
export interface KnownParty {
  readonly view: PartyView
  /** Undefined before it was asked for. */
  readonly network: PartyNetworkView | undefined
}

/**
 * What is known with what an event of the type `party` tells; `told` is its `change`. The same object where that is of a kind that is not known
 * here, since the host may be newer.
 */
export function withPartyChange(known: KnownParty, told: unknown): KnownParty {
  const read = v.safeParse(partyChange, told)
  if (!read.success) return known
  const { view } = known
  const change = read.output
  switch (change.of) {
    case 'party':
      // Who is in it is told one by one; out of it there is nobody.
      return { ...known, view: { ...change.party, peers: change.party.party ? view.peers : [] } }
    case 'peer': {
      const before = view.peers.find(({ id }) => id === change.peer.id)
      const peer = { ...change.peer, latencies: following(before?.latencies ?? [], change.peer.latencies) }
      const peers = before ? view.peers.map((each) => (each === before ? peer : each)) : [...view.peers, peer]
      return { ...known, view: { ...view, peers } }
    }
    case 'peer-left':
      return { ...known, view: { ...view, peers: view.peers.filter(({ id }) => id !== change.peerId) } }
    case 'network':
      return { ...known, network: change.network }
  }
}

type Latencies = PartyPeerView['latencies']

/** Those that are newer go behind. */
function following(known: Latencies, told: Latencies): Latencies {
  const last = known.at(-1)?.at ?? ''
  return [...known, ...told.filter(({ at }) => at > last)].slice(-mostLatencyPoints)
}
