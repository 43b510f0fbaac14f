import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { PeerSignals } from '../../party/connection/peer-signals.ts'
import { PartyError } from '../../party/contract/party-error.ts'
import type { PartyMembership } from '../../party/contract/party-membership.ts'
import type { PeerSignal } from '../../wire/party/peer-signal.ts'

/** As many members as a party has. */
const mostOffers = 1024

/** What members say of paths, among all that they say: whenever a member was met anew, it hears first where this host is. */
export function pathSignals(membership: Pick<PartyMembership, 'say' | 'listen'>, log: Log): PeerSignals {
  /** The last one to each. */
  const offers = new Map<string, PeerSignal>()
  const say = (peerId: string, signal: PeerSignal) => {
    try {
      membership.say(peerId, signal)
    } catch (error) {
      if (!(error instanceof PartyError)) throw error
      log.debug('A peer cannot be told now where this host is', { peer: peerId, why: messageOf(error) })
    }
  }
  return {
    send(peerId, signal) {
      const [oldest] = offers.keys()
      if (signal.type === 'bye') offers.delete(peerId)
      else if (signal.type === 'offer') offers.set(peerId, signal)
      if (offers.size > mostOffers && oldest !== undefined) offers.delete(oldest)
      say(peerId, signal)
    },
    listen: (hear) =>
      membership.listen({
        offer: hear,
        lease: hear,
        bye: hear,
        met(peerId) {
          const offer = offers.get(peerId)
          if (offer) say(peerId, offer)
        },
      }),
  }
}
