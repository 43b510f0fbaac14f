import * as v from 'valibot'
import { formatAddress, parseAddress, type WireAddress } from '../address-bytes.ts'
import { base64Url } from '../base64-url.ts'
import { leaseBytes } from '../relay/lease.ts'

/** What two peers of a party tell each other so that they find paths: words of their conversation (`members.ts`). */

const mostCandidates = 24

/** Names one life of one end, 16 bytes. Secrets are made of both ends' and of their keys: who only hears them knows none. */
const session = base64Url(16)

const address = v.pipe(
  v.string(),
  v.transform(parseAddress),
  v.check((found) => found !== undefined, 'wanted an IP address and a port'),
  v.transform((found) => found as WireAddress),
)

export const peerSignals = [
  v.object({
    type: v.literal('offer'),
    session,
    /** The other end's, once it is known. */
    answers: v.optional(session),
    /** Where this end may be found. */
    candidates: v.pipe(v.array(address), v.maxLength(mostCandidates, `wanted at most ${mostCandidates} candidates`)),
    /** Ed25519, by which it proves to a relay that a lease is its own. */
    relay_key: base64Url(32),
    /** Whether it has a relay for both. */
    has_relay: v.boolean(),
    /** Its network lets no UDP through, as far as it can tell. */
    udp_blocked: v.optional(v.boolean()),
    /** It is in the tunnel for the other end, or on its way there. */
    tunnels: v.optional(v.boolean()),
    /** It probes for a direct path by birthday where there is no other. */
    birthday: v.optional(v.boolean()),
  }),
  v.object({ type: v.literal('lease'), session, relay: address, lease: base64Url(leaseBytes) }),
  v.object({ type: v.literal('bye'), session }),
] as const
export type PeerSignal = v.InferOutput<(typeof peerSignals)[number]>

/** As it is written: addresses are texts. */
export function tellPeerSignal(signal: PeerSignal): v.InferInput<(typeof peerSignals)[number]> {
  if (signal.type === 'offer') return { ...signal, candidates: signal.candidates.map(formatAddress) }
  return signal.type === 'lease' ? { ...signal, relay: formatAddress(signal.relay) } : signal
}
