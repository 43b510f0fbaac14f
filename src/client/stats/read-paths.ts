import { mostPaths, pathStates, type PathStanding } from '../../domain/path-standing.ts'
import type { PathRelay } from '../contract/client-path.ts'

/** A report of `RTCPeerConnection.getStats()` (W3C webrtc-stats). */
type Report = ReadonlyMap<string, RTCStats>

/** Of an address of either end, what is looked at; of others than one's own, browsers may leave the address out. */
interface Candidate {
  readonly candidateType?: string
  readonly address?: string | null
  readonly port?: number
  /** Of a relayed one of one's own: the TURN server, and how it is spoken to. */
  readonly url?: string
  readonly relayProtocol?: string
}

type Pair = RTCIceCandidatePairStats

/** The pair of addresses by which media goes; undefined before there is one. */
export function takenPair(report: Report): Pair | undefined {
  const working = pairsOf(report).filter(({ nominated, state }) => nominated === true && state === 'succeeded')
  // Where ICE has moved on there are several that were nominated; Chromium says by the transport which one it is, Firefox by `selected`.
  const selected = new Set([...report.values()].map((stats) => (stats as RTCTransportStats).selectedCandidatePairId))
  return working.find(({ id }) => selected.has(id)) ?? working.find(isSelected) ?? working[0]
}

export function pathOf(report: Report, pair: Pair | undefined): 'direct' | 'relayed' | undefined {
  if (!pair) return undefined
  const ends = [pair.localCandidateId, pair.remoteCandidateId].map((id) => candidateOf(report, id))
  return ends.some((end) => end?.candidateType === 'relay') ? 'relayed' : 'direct'
}

/** The TURN server of this end; undefined where it has none, or the other end's is all that there is. */
export function relayOf(report: Report, pair: Pair | undefined): PathRelay | undefined {
  const own = pair && candidateOf(report, pair.localCandidateId)
  if (own?.candidateType !== 'relay') return undefined
  const { relayProtocol } = own
  const protocol = (['udp', 'tcp', 'tls'] as const).find((each) => each === relayProtocol)
  // `turn:turn.example:3478?transport=udp`, `turns:[2001:db8::1]` (RFC 7065).
  const [, host] = /^turns?:(\[[^\]]+\]|[^:?]+)/.exec(own.url ?? '') ?? []
  return { host, protocol }
}

/** What has been tried, one for each address of the host by each way; undefined where the browser tells of none. */
export function pathsOf(report: Report, taken: Pair | undefined): PathStanding[] | undefined {
  const found = new Map<string, PathStanding>()
  for (const pair of pairsOf(report)) {
    const name = nameOf(report, pair)
    if (name === undefined) continue
    const standing = standingOf(name, pair, taken)
    const before = found.get(name)
    if (!before || orderOf(standing) < orderOf(before)) found.set(name, standing)
  }
  if (found.size === 0) return undefined
  return [...found.values()].toSorted((a, b) => orderOf(a) - orderOf(b)).slice(0, mostPaths)
}

function pairsOf(report: Report): Pair[] {
  return [...report.values()].filter((stats): stats is Pair => stats.type === 'candidate-pair')
}

function isSelected(pair: Pair & { readonly selected?: boolean }): boolean {
  return pair.selected === true
}

function candidateOf(report: Report, id: string): Candidate | undefined {
  return report.get(id) as Candidate | undefined
}

function nameOf(report: Report, pair: Pair): string | undefined {
  const relay = relayOf(report, pair)
  if (relay) return `relay ${relay.host ?? 'of this end'}${relay.protocol ? `, ${relay.protocol.toUpperCase()}` : ''}`
  const { address, port, candidateType } = candidateOf(report, pair.remoteCandidateId) ?? {}
  if (!address || port === undefined) return undefined
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return `${candidateType === 'relay' ? 'relay of the host' : 'direct'} ${place}`
}

function standingOf(name: string, pair: Pair, taken: Pair | undefined): PathStanding {
  const { state, currentRoundTripTime } = pair
  const answers = state === 'succeeded'
  if (!answers) return { name, state: state === 'failed' ? 'dead' : 'untried' }
  const roundTrip = currentRoundTripTime === undefined ? {} : { roundTripMs: currentRoundTripTime * 1000 }
  return { name, state: pair.id === taken?.id ? 'taken' : 'warm', ...roundTrip }
}

function orderOf({ state }: PathStanding): number {
  return pathStates.indexOf(state)
}
