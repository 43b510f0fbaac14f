import type { PartyApi } from '../../client/api/party-api.ts'
import type { PartyNetworkView } from '../../wire/api/party-network.ts'
import type { PartyInvitation, PartyPeerView, PartyView } from '../../wire/api/party.ts'
import { facts, printable, table } from '../terminal/table.ts'
import type { Told } from './verb.ts'

/** A party as a command tells it, with its network where there is one; what others come in by stands in it where it is given. */
export async function toldParty(parties: PartyApi, view: PartyView, invitation?: PartyInvitation): Promise<Told> {
  const network = view.party ? await parties.network() : undefined
  const shown = view.party && invitation ? { ...view, party: { ...view.party, ...invitation } } : view
  return { json: statusOf(shown, network), text: describeParty(shown, network) }
}

/** What others come in by. */
export function toldInvitation({ code, link, hasSecondPart }: PartyInvitation): Told {
  const text = facts([
    ['Code', `${code} (on this machine and network)`],
    ...(link === null ? [] : [['Link', link] as const]),
  ])
  return { json: { code, link, has_second_part: hasSecondPart }, text }
}

/** Seed 002, "Status", and beside it what else there is to say. */
export function statusOf(view: PartyView, network: PartyNetworkView | undefined): unknown {
  const { party: known, nat, peers, recent, ...rest } = view
  if (!known) return { ...rest, status: view.status }
  return {
    status: 'in_party',
    party: {
      id: known.id,
      name: known.name,
      host_id: known.hostId,
      created_at: known.createdAt,
      peers: Object.fromEntries(
        peers.map((peer) => [
          peer.id,
          {
            id: peer.id,
            name: peer.name,
            public_key: peer.publicKey,
            virtual_ip: peer.virtualIp,
            endpoint: peer.endpoint,
            latency_ms: peer.latencyMs,
            connection_type: peer.connectionType,
            nat_type: peer.natType,
            joined_at: peer.joinedAt,
          },
        ]),
      ),
    },
    peer_count: peers.length,
    nat_info: {
      nat_type: nat.type,
      public_ip: nat.publicIp,
      public_port: nat.publicPort,
      explanation: network?.nat ?? null,
    },
    code: known.code,
    link: known.link,
    mode: known.mode,
    control_plane: known.plane,
    allowed: {
      usual: view.usualMay,
      ...Object.fromEntries(peers.filter(({ isOwnChoice }) => isOwnChoice).map(({ id, may }) => [id, may])),
    },
    doubts: Object.fromEntries(peers.flatMap(({ id, doubt }) => (doubt === null ? [] : [[id, doubt]]))),
    reasons: Object.fromEntries(peers.filter(({ isMe }) => !isMe).map(({ id, reason }) => [id, reason])),
    lobbies: Object.fromEntries(peers.flatMap(({ id, wall }) => (wall ? [[id, wall.lobbies]] : []))),
    paths: Object.fromEntries((network?.peers ?? []).map(({ id, path }) => [id, path])),
    relayed_bytes: Object.fromEntries(
      (network?.peers ?? []).map(({ id, relayed }) => [id, relayed.sentBytes + relayed.receivedBytes]),
    ),
    virtual_lan: network?.mesh ?? null,
    shares: network?.shares ?? [],
    ports: network?.ports ?? [],
    recent: recent.map(({ what, peerId, name, at }) => ({ what, peer_id: peerId, name, at })),
  }
}

/** Of what happened; `--json` has all that is known. */
const mostRecent = 8
const happenings: Readonly<Record<PartyView['recent'][number]['what'], string>> = {
  joined: 'came in',
  left: 'left',
  removed: 'was taken out by the host',
  silent: 'vanished',
  host: 'is the host now',
}
const modes = {
  home: 'reached',
  connecting: 'NOT REACHED now; it is tried again',
  local: 'NOT REACHED; members who are near each other meet without it',
} as const
const reached: Readonly<Record<PartyPeerView['connectionType'], string>> = {
  unknown: 'not measured yet',
  connecting: 'looking for a path',
  direct: 'directly',
  relayed: 'by a relay',
  host: '',
  failed: 'NOT REACHED',
}
const natNames: Readonly<Record<PartyPeerView['natType'], string>> = {
  unknown: 'not known',
  open: 'none',
  full_cone: 'full cone',
  restricted_cone: 'restricted',
  port_restricted_cone: 'port-restricted',
  symmetric: 'symmetric',
}

/** For people: who is there and how each is reached, why, and what to do where something is wrong. */
export function describeParty(view: PartyView, network: PartyNetworkView | undefined): string {
  const { party: known, peers, status, why, usualMay } = view
  if (status === 'off') return 'Parties are turned off here: --parties own turns them on.\n'
  if (!known) {
    const before = why === null ? '' : ` ${printable(why)}.`
    return `This host is in no party.${before} Make one with party create NAME, or join one with party join CODE-or-LINK.\n`
  }
  const head = facts([
    ['Party', known.name],
    [
      'Code',
      known.code === null ? 'party invite tells it, with the link' : `${known.code} (on this machine and network)`,
    ],
    ...(known.link === null ? [] : [['Link', known.link] as const]),
    ...(known.isOnlyHere
      ? [['', 'Only this machine reaches it: npm start -- network open lets your network in.'] as const]
      : []),
    ['Control plane', known.mode === 'local' ? modes.local : `${known.plane} (${modes[known.mode]})`],
    ['Virtual LAN', network ? lanOf(network.mesh) : 'not known'],
    ['Members may here', usualMay],
  ])
  const rows = peers.map((peer) => [
    `${peer.name}${peer.isMe ? ' (this host)' : ''}`,
    peer.isHost ? 'host' : 'member',
    peer.isMe ? '' : reached[peer.connectionType],
    peer.latencyMs === null || peer.isMe ? '' : `${Math.round(peer.latencyMs)} ms`,
    natNames[peer.natType],
    peer.virtualIp,
    peer.isMe ? '' : peer.may,
    peer.isMe ? '' : String(peer.wall?.lobbies.length ?? '?'),
  ])
  const names = ['MEMBER', 'IS', 'REACHED', 'LATENCY', 'NAT', 'LAN ADDRESS', 'MAY HERE', 'LOBBIES']
  const others = peers.filter(({ isMe, reason }) => !isMe && reason !== '')
  const reasons = facts(others.map(({ name, reason }) => [printable(name), reason]))
  const recent = facts(
    view.recent.slice(0, mostRecent).map(({ what, name, at }) => [at, `${printable(name)} ${happenings[what]}`]),
  )
  const advice = adviceOn(view, network)
  return [
    head,
    table(names, rows, 'Nobody is in it.'),
    ...(others.length > 0 ? [`Why they are reached like this:\n${reasons}`] : []),
    ...(view.recent.length > 0 ? [`What happened, the newest first:\n${recent}`] : []),
    ...(advice.length > 0 ? [`What to do:\n${advice.map((each) => `- ${printable(each)}\n`).join('')}`] : []),
  ].join('\n')
}

function lanOf({ state, mode, why, address, device, by }: PartyNetworkView['mesh']): string {
  if (state === 'on') return `this machine is ${address ?? ''} on ${device ?? ''}, by ${by ?? ''}`
  return mode === 'off' ? 'turned off (config set mesh auto turns it on)' : `not here: ${why ?? 'not known why'}`
}

const doubts: Readonly<Record<NonNullable<PartyPeerView['doubt']>, (name: string) => string>> = {
  'without-secret': (name) =>
    `${name} came in without the second part of the code: no lobbies, paths or ports between you. Give them the whole code (party invite), to leave and join again.`,
  'other-secret': (name) =>
    `${name} has another second part of the code than this host. See that both have the same (party invite); if they do, the control plane puts itself between you.`,
  'secret-wanted': (name) =>
    `${name} has a second part of the code, and this host has none: leave, and join by the whole code or the link.`,
}

/** What somebody can do about what is not as it should be. */
function adviceOn({ party, peers, nat }: PartyView, network: PartyNetworkView | undefined): readonly string[] {
  const advice: string[] = []
  if (party && party.mode !== 'home') {
    const where = party.mode === 'connecting' ? party.plane : 'the machine of its host'
    advice.push(`See whether ${where} runs and is reached from here. Who is connected stays so meanwhile.`)
  }
  if (peers.length === 1) advice.push('Nobody else is here yet: give others the code or the link (party invite).')
  for (const { name, doubt } of peers) if (doubt !== null) advice.push(doubts[doubt](name))
  const lost = peers.filter(({ isMe, connectionType }) => !isMe && connectionType === 'failed').map(({ name }) => name)
  if (lost.length > 0) {
    advice.push(
      `${lost.join(', ')} cannot be reached: see whether that machine is on. Where UDP does not get through, a relay helps: --relay HOST:PORT.`,
    )
  }
  if (nat.type === 'unknown' && network !== undefined && network.nat !== null) {
    advice.push(`The NAT here is not known (${network.nat}). A STUN server tells it: --ice-server stun:HOST:3478.`)
  }
  if (network?.mesh.state === 'off' && network.mesh.mode !== 'off') {
    advice.push(
      'The virtual LAN takes Linux, root or CAP_NET_ADMIN, iproute2 and wireguard-go, and is one for a machine. Single ports need none of it: party share tcp PORT.',
    )
  }
  for (const { localPort, isOpen, why } of network?.ports ?? []) {
    if (!isOpen) advice.push(`The port 127.0.0.1:${localPort} is not open: ${why ?? 'not known why'}.`)
  }
  return advice
}
