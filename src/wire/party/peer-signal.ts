import * as v from 'valibot'
import { formatAddress, parseAddress, type WireAddress } from '../address-bytes.ts'
import { leaseBytes } from '../relay/lease.ts'
import { WireError } from '../wire-error.ts'

/** What two peers of a party tell each other by their control plane, so that they find paths: the `signal_data` of a signal. */

/** Under this key, so that other things can be signalled beside it. */
const field = 'porchlight_paths'
const mostCandidates = 24

const base64Url = (bytes: number) => {
  const characters = Math.ceil((bytes * 8) / 6)
  return v.pipe(v.string(), v.regex(new RegExp(`^[\\w-]{${characters}}$`), `wanted ${bytes} bytes in base64url`))
}

/** Names one life of one end, 16 bytes. Secrets are made of both ends' and of their keys: who only hears them knows none. */
const session = base64Url(16)

const address = v.pipe(
  v.string(),
  v.transform(parseAddress),
  v.check((found) => found !== undefined, 'wanted an IP address and a port'),
  v.transform((found) => found as WireAddress),
)

const peerSignal = v.variant('kind', [
  v.object({
    kind: v.literal('offer'),
    session,
    /** The other end's, once it is known. */
    answers: v.optional(session),
    /** Where this end may be found. */
    candidates: v.pipe(v.array(address), v.maxLength(mostCandidates, `wanted at most ${mostCandidates} candidates`)),
    /** Ed25519, by which it proves to a relay that a lease is its own. */
    relay_key: base64Url(32),
    /** Whether it has a relay for both. */
    has_relay: v.boolean(),
  }),
  v.object({ kind: v.literal('lease'), session, relay: address, lease: base64Url(leaseBytes) }),
  v.object({ kind: v.literal('bye'), session }),
])
export type PeerSignal = v.InferOutput<typeof peerSignal>

/** As `signal_data` of a control plane. */
export function encodePeerSignal(signal: PeerSignal): Record<string, unknown> {
  if (signal.kind === 'offer') return { [field]: { ...signal, candidates: signal.candidates.map(formatAddress) } }
  return { [field]: signal.kind === 'lease' ? { ...signal, relay: formatAddress(signal.relay) } : signal }
}

/** Undefined for a signal about something else. Throws WireError `malformed`. */
export function decodePeerSignal(data: Readonly<Record<string, unknown>>): PeerSignal | undefined {
  if (!(field in data)) return undefined
  const result = v.safeParse(peerSignal, data[field])
  if (result.success) return result.output
  const [issue] = result.issues
  throw new WireError('malformed', `Cannot read a peer's signal: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`)
}
