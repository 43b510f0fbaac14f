import type { PartyNetworkView, PartyPeerView, PartyView } from '../../src/client/party.ts'
import { describeMoment } from '../ui/describe-moment.ts'

type Nat = PartyPeerView['natType']

/** What is between a member and others, in the words that people find elsewhere. */
export const natNames: Readonly<Record<Nat, string>> = {
  unknown: 'NAT not known',
  open: 'no NAT',
  full_cone: 'full cone NAT',
  restricted_cone: 'restricted NAT',
  port_restricted_cone: 'port-restricted NAT or firewall',
  symmetric: 'symmetric NAT',
}

const pathNames: Readonly<Record<PartyPeerView['connectionType'], string>> = {
  unknown: 'Not measured yet',
  connecting: 'Looking for a path',
  direct: 'Direct',
  relayed: 'By a relay',
  host: 'This host',
  failed: 'Not reached now',
}

/** One line of facts: how a member is reached, how fast, through what. */
export function describePeer(peer: PartyPeerView): string {
  const { isMe, connectionType, latencyMs, natType, virtualIp } = peer
  const way = isMe ? [] : [pathNames[connectionType]]
  const latency = latencyMs === null || isMe ? [] : [`${Math.round(latencyMs)} ms`]
  return [...way, ...latency, sentence(natNames[natType], isMe), virtualIp].filter((each) => each !== '').join(' · ')
}

/** The first word of a line begins with a capital. */
function sentence(text: string, isFirst: boolean): string {
  return isFirst ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** How the latency of a member went, for people: `4–12 ms in the last 20 minutes`; undefined where too little is known. */
export function describeLatencies(latencies: PartyPeerView['latencies']): string | undefined {
  const known = latencies.flatMap(({ latencyMs }) => latencyMs ?? [])
  const [first, last] = [latencies[0], latencies.at(-1)]
  if (known.length < 2 || !first || !last) return undefined
  const [low, high] = [Math.min(...known), Math.max(...known)].map((ms) => Math.round(ms))
  const minutes = Math.round((Date.parse(last.at) - Date.parse(first.at)) / 60_000)
  const range = low === high ? `${low} ms` : `${low}–${high} ms`
  const lost = latencies.length - known.length
  const missing = lost === 0 ? '' : `, ${lost} without an answer`
  return `${range} ${minutes < 2 ? 'lately' : `in ${minutes} minutes`}${missing}`
}

/** Why nothing is said with a member, and what to do. */
export function describeDoubt(doubt: NonNullable<PartyPeerView['doubt']>): string {
  return doubts[doubt]
}

const doubts: Readonly<Record<NonNullable<PartyPeerView['doubt']>, string>> = {
  'without-secret':
    'Came in without the second part of the code: nothing is shared with them. Give them the whole code, to join again.',
  'other-secret':
    'Has another second part of the code than this host. If both have typed it right, the control plane puts itself between you.',
  'secret-wanted':
    'This host came in without the second part of the code: leave, and join by the whole code or the link.',
}

/** Who is behind an id, for people. */
export function nameOf(peers: readonly PartyPeerView[], id: string): string {
  return peers.find((each) => each.id === id)?.name ?? 'a member who is not here now'
}

const mostRecent = 5

/** Who came and went lately, in a sentence: "Ada left 2 minutes ago, Bob came in 10 minutes ago." */
export function describeRecent(recent: PartyView['recent'], nowMs: number): string {
  const said = recent
    .slice(0, mostRecent)
    .map(({ what, name, at }) => `${name} ${happenings[what]} ${describeMoment(at, nowMs)}`)
  return `${said.join(', ')}.`
}

const happenings: Readonly<Record<PartyView['recent'][number]['what'], string>> = {
  joined: 'came in',
  left: 'left',
  removed: 'was taken out',
  silent: 'vanished',
  host: 'became the host',
}

/** By whom the NAT was found out, as a sentence behind it; empty where nobody was asked. */
export function describeAsked({ stunServers }: Pick<PartyNetworkView, 'stunServers'>): string {
  if (stunServers.length === 0) return ''
  const names = stunServers.map(({ address, by }) =>
    by === 'settings' ? address : `${address} (a relay of the party)`,
  )
  return ` Asked: ${names.join(', ')}.`
}

type Mesh = PartyNetworkView['mesh']

/** What the virtual LAN is to this machine, in a sentence. */
export function describeLan(mesh: Mesh): string {
  const { state, mode, address, device, by } = mesh
  if (state === 'on') return `This machine is ${address ?? ''} there, on the interface ${device ?? ''} (${by ?? ''}).`
  if (mode === 'off') return 'Turned off: members do not reach this machine by an address of its own.'
  return 'This machine cannot be in it now.'
}

/** Why it is not there, although it is wanted; undefined where there is nothing to say. */
export function whyNoLan({ state, mode, why }: Mesh): string | undefined {
  return state === 'off' && mode !== 'off' && why !== null
    ? `${why.charAt(0).toUpperCase()}${why.slice(1)}.`
    : undefined
}

/** What becomes of games that look for others by broadcast. */
export function describeGames({ state, broadcasts, why }: Mesh): string | undefined {
  if (state === 'off') return undefined
  if (!broadcasts) return `Games do not find each other by broadcast here${why === null ? '' : `: ${why}`}.`
  const { forwarded, tooMany } = broadcasts
  const much = tooMany === 0 ? '' : `, and ${tooMany} were too many`
  return `Games find each other by broadcast: ${forwarded} sent on so far${much}.`
}

/** How much went by somebody else's machine so far; undefined where nothing did. */
export function describeRelayed(network: PartyNetworkView | undefined, peerId: string): string | undefined {
  const found = network?.peers.find(({ id }) => id === peerId)
  const bytes = found ? found.relayed.sentBytes + found.relayed.receivedBytes : 0
  return bytes === 0 ? undefined : `${describeBytes(bytes)} went by a relay so far`
}

/** `640 bytes`, `12 kB`, `3.4 MB`, `1.2 GB`. */
function describeBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`
  return bytes < 999.95e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
