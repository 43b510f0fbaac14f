import type { PartyApi } from '../../client/api/party-api.ts'
import type { PartyView } from '../../wire/api/party.ts'
import { portId, type OpenPort, type PartyNetworkView, type SharePort } from '../../wire/api/party-network.ts'
import { UsageError } from '../contract/usage-error.ts'
import { facts, table } from '../terminal/table.ts'
import { findPeer } from './party-peer.ts'
import { textOf, type Flags, type Told, type Verb } from './verb.ts'

/** What the verbs of `party` reach. */
export interface ReachedParty {
  readonly parties: PartyApi
}

/** What `party` can do with the network of a party. */
export const networkVerbs: Readonly<Record<string, Verb<ReachedParty>>> = {
  network: {
    help: 'how each member is reached, the virtual LAN, and what ports are shared and open',
    args: [],
    flags: {},
    run: async ({ parties }) => told(await parties.network(), await parties.read()),
  },
  share: {
    help: 'let members come to a TCP or UDP port of this machine: party share tcp 25565',
    args: ['tcp-or-udp', 'PORT'],
    flags: {
      to: { type: 'string', value: 'HOST:PORT', help: 'where it leads; that port of this machine when left out' },
      peer: { type: 'string', value: 'PEERS', help: 'who may, by name or id, separated by commas; all when left out' },
    },
    async run({ parties, args: [protocol = '', port = ''], flags }) {
      const view = await parties.read()
      const share: SharePort = { ...readPort(protocol, port), ...readTarget(flags), ...readMembers(flags, view) }
      return told(await parties.share(share), view)
    },
  },
  unshare: {
    help: 'share a port no more; connections that there are go on',
    args: ['tcp-or-udp', 'PORT'],
    flags: {},
    run: async ({ parties, args: [protocol = '', port = ''] }) =>
      told(await parties.unshare(portId(readPort(protocol, port))), await parties.read()),
  },
  connect: {
    help: 'open a port of this machine that leads to one that a member shares: party connect ada tcp 25565',
    args: ['PEER', 'tcp-or-udp', 'PORT'],
    flags: { local: { type: 'string', value: 'PORT', help: 'of this machine; the same when left out, 0 any' } },
    async run({ parties, args: [meant = '', protocol = '', port = ''], flags }) {
      const view = await parties.read()
      const local = textOf(flags, 'local')
      const wanted: OpenPort = {
        peerId: findPeer(view, meant).id,
        ...readPort(protocol, port),
        ...(local !== undefined && { localPort: local === '0' ? 0 : wholePort(local) }),
      }
      return told(await parties.openPort(wanted), view)
    },
  },
  disconnect: {
    help: 'close a port that leads to a member’s, and its connections',
    args: ['tcp-or-udp', 'LOCAL-PORT'],
    flags: {},
    run: async ({ parties, args: [protocol = '', port = ''] }) =>
      told(await parties.closePort(portId(readPort(protocol, port))), await parties.read()),
  },
}

function readPort(protocol: string, port: string): { readonly protocol: 'tcp' | 'udp'; readonly port: number } {
  if (protocol === 'tcp' || protocol === 'udp') return { protocol, port: wholePort(port) }
  throw new UsageError('wrong-arguments', `Cannot use "${protocol}": wanted tcp or udp, and a port`)
}

function wholePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new UsageError('wrong-arguments', `Cannot use "${text}" as a port: wanted a number from 1 to 65535`)
}

function readTarget(flags: Flags): Pick<SharePort, 'host' | 'hostPort'> {
  const text = textOf(flags, 'to')
  if (text === undefined) return {}
  const at = text.lastIndexOf(':')
  if (at < 1) throw new UsageError('wrong-arguments', `Cannot share --to ${text}: wanted HOST:PORT`)
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), hostPort: wholePort(text.slice(at + 1)) }
}

function readMembers(flags: Flags, view: PartyView): Pick<SharePort, 'members'> {
  const text = textOf(flags, 'peer')
  return text === undefined ? {} : { members: text.split(',').map((each) => findPeer(view, each.trim()).id) }
}

function told(network: PartyNetworkView, view: PartyView): Told {
  return { json: network, text: describeNetwork(network, view) }
}

function describeNetwork(network: PartyNetworkView, { peers }: PartyView): string {
  const nameOf = (id: string) => peers.find((each) => each.id === id)?.name ?? id
  const { mesh, birthday } = network
  const stun = network.stunServers
    .map(({ address, by }) => (by === 'settings' ? address : `${address}, a relay of the control plane`))
    .join('; ')
  const lan =
    mesh.state === 'off'
      ? `off: ${mesh.why ?? ''}`
      : `${mesh.address ?? ''} on ${mesh.device ?? ''}, by ${mesh.by ?? ''}`
  const { broadcasts } = mesh
  const games = broadcasts
    ? `${broadcasts.forwarded} broadcasts sent on, ${broadcasts.tooMany} were too many`
    : `not sent on${mesh.state === 'on' && mesh.why !== null ? `: ${mesh.why}` : ''}`
  const head = facts([
    ['NAT', network.nat ?? 'in no party'],
    ...(stun === '' ? [] : [['Asked', stun] as const]),
    ...(birthday ? [['Birthday', `${birthday.runs} runs, ${birthday.opened} direct paths opened`] as const] : []),
    ['Virtual LAN', lan],
    ...(mesh.state === 'on' ? [['Games', games] as const] : []),
  ])
  const rows = network.peers.map((peer) => [
    nameOf(peer.id),
    peer.state,
    peer.latencyMs === null ? '' : `${Math.round(peer.latencyMs)} ms`,
    bytesOf(peer.relayed.sentBytes + peer.relayed.receivedBytes),
    peer.explanation,
  ])
  const shares = network.shares.map(({ protocol, port, host, hostPort, members }) => {
    return [protocol, String(port), `${host}:${hostPort}`, members === null ? 'all' : members.map(nameOf).join(', ')]
  })
  const ports = network.ports.map(({ peerId, protocol, port, localPort, isOpen, why }) => {
    return [`127.0.0.1:${localPort}`, protocol, nameOf(peerId), String(port), isOpen ? '' : `not open: ${why ?? ''}`]
  })
  return [
    head,
    ...(rows.length > 0 ? [table(['MEMBER', 'CONNECTION', 'LATENCY', 'BY A RELAY', 'PATHS'], rows, '')] : []),
    ...(shares.length > 0 ? [table(['SHARED', 'PORT', 'LEADS TO', 'WHO MAY'], shares, '')] : []),
    ...(ports.length > 0 ? [table(['OPEN HERE', '', 'LEADS TO', 'PORT', ''], ports, '')] : []),
  ].join('\n')
}

/** Empty for nothing. */
function bytesOf(bytes: number): string {
  if (bytes === 0) return ''
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
