import { pathStateWords, type ClientPath, type PathReason, type PathStanding } from '../../src/client/index.ts'

const pathNames: Readonly<Record<string, string>> = {
  direct: 'direct',
  relayed: 'relayed',
  'web-port': 'web port',
  native: 'native',
}

/** What a path is called. */
export function describePath(path: string): string {
  return pathNames[path] ?? path
}

/** The same, and by which path the native transport goes, as far as that is known. */
export function describeWay({ kind, host }: Pick<ClientPath, 'kind' | 'host'>): string {
  return kind === 'native' && host ? `native, ${describePath(host.kind)}` : describePath(kind)
}

/** The same, with the relay that it goes by where one is known: `relay turn.example, UDP, 19 ms`. */
export function describeTaken(path: Pick<ClientPath, 'kind' | 'host' | 'relay' | 'paths' | 'roundTripMs'>): string {
  const { kind, host, relay, roundTripMs } = path
  const delay = roundTripMs === undefined ? [] : [`${Math.round(roundTripMs)} ms`]
  if (kind === 'native' && host?.kind === 'relayed') {
    const taken = path.paths?.find(({ state }) => state === 'taken')
    return taken ? ['native', taken.name, ...delay].join(', ') : describeWay(path)
  }
  if (kind !== 'relayed' || !relay) return describeWay(path)
  return [`relay ${relay.host ?? ''}`.trim(), ...(relay.protocol ? [relay.protocol.toUpperCase()] : []), ...delay].join(
    ', ',
  )
}

/** How a path stands that is not the one that is taken: `kept warm, 19 ms`. */
export function describeStanding({ state, roundTripMs, lossRatio = 0 }: PathStanding): string {
  const delay = roundTripMs === undefined ? '' : `, ${Math.round(roundTripMs)} ms`
  const loss = lossRatio >= 0.02 ? `, loses ${Math.round(lossRatio * 100)} %` : ''
  return pathStateWords[state] + delay + loss
}

const reasons: Readonly<Record<PathReason, string>> = {
  first: 'it had a picture first',
  'udp-works': 'UDP gets through',
  'no-webrtc': 'this browser has no WebRTC',
  only: 'it was opened by porchlight view, which comes this way',
  'udp-failed': 'UDP does not get through; it is tried again',
}

/** What the host means by its reasons. */
const moves: Readonly<Record<string, string>> = {
  better: 'it is ready, and better',
  fallback: 'no better one is ready',
  lost: 'the one before was lost',
  moved: 'the network has changed',
}

/** Why it is this one, for people. */
export function describeReason({ kind, why, host }: Pick<ClientPath, 'kind' | 'why' | 'host'>): string {
  if (host?.because !== undefined) return host.because
  if (host?.why !== undefined) return withoutSilent(host.why)
  if (kind === 'native' && host && host.reason in moves) return moves[host.reason] ?? host.reason
  if (kind === 'relayed') return 'nothing direct gets through, but a TURN server passes it on'
  return reasons[why]
}

/** What became of a path, for who follows it; undefined for its beginning. */
export function describeMove({ kind, host }: Pick<ClientPath, 'kind' | 'host'>): string | undefined {
  if (!host || host.reason === 'first') return undefined
  const why = host.why === undefined ? undefined : withoutSilent(host.why)
  return `Path ${describeWay({ kind, host })}: ${why ?? moves[host.reason] ?? host.reason}`
}

/** The host tells every address that was tried; those at which nobody answers are for who wants all of it. */
function withoutSilent(why: string): string {
  const [taken, ...others] = why.split('; ')
  return [taken, ...others.filter((each) => !each.endsWith(', no answer'))].join('; ')
}

/** Sorts of addresses: those of ICE (RFC 8445, section 5.1.1), and of the native transport. */
const sorts: Readonly<Record<string, string>> = {
  host: 'its own address',
  srflx: 'the address of its router',
  prflx: 'the address of its router',
  relay: 'an address of the relay',
}

/** Where the host sees this client: `relay 203.0.113.1:50000` is an address of the relay, on the Internet. */
export function describeSeen(remote: string): string {
  const [, sort = '', place = remote] = /^(host|srflx|prflx|relay|direct|udp|tcp) (\S+)/.exec(remote) ?? []
  const what = Object.hasOwn(sorts, sort) ? `, ${sorts[sort]}` : ''
  return `${place}${what} ${describeNet(place.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))}`.trim()
}

function describeNet(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (/^(127\.|::1$)/.test(plain)) return 'on this machine'
  if (/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd]|fe[89ab])/i.test(plain))
    return 'in a private network'
  return /^[\d.]+$|^[\da-f:]+$/i.test(plain) ? 'on the Internet' : ''
}
