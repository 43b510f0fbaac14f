import { isUp } from '../../party/connection/connection-state.ts'
import type { PartyNetworkStatus } from '../../party/party-network.ts'
import type { MeshMode } from '../../party/mesh/mesh-mode.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import type { PartyNetworkView } from '../../wire/api/party-network.ts'
import { formatAddress } from '../../wire/address-bytes.ts'
import { localKeyOf } from './followed-ports.ts'

/** A party's network as its owner is shown it. */
export function viewOfNetwork(
  status: PartyNetworkStatus | { readonly why: string },
  chosen: {
    readonly mode: MeshMode
    readonly shares: readonly PortShare[]
    /** That are wanted, and those of them that are open. */
    readonly ports: readonly OpenedPort[]
    readonly opened: readonly (OpenedPort & { readonly isListening: boolean })[]
    /** By what they are here. */
    readonly refusals: ReadonlyMap<string, string>
  },
): PartyNetworkView {
  return {
    nat: 'nat' in status ? status.natExplanation : null,
    stunServers: ('nat' in status ? status.stunServers : []).map(({ at, by }) => ({ address: formatAddress(at), by })),
    birthday: ('nat' in status && status.birthday) || null,
    mesh: { mode: chosen.mode, ...viewOfMesh('nat' in status ? status.mesh : { state: 'off', why: status.why }) },
    peers: 'nat' in status ? viewOfPeers(status) : [],
    shares: chosen.shares.map(({ protocol, port, host, hostPort, members }) => {
      return { protocol, port, host, hostPort, members: members ? [...members] : null }
    }),
    ports: chosen.ports.map((wanted) => {
      const { memberId, protocol, port, localPort } = wanted
      const isOpen = chosen.opened.some((each) => each.isListening && localKeyOf(each) === localKeyOf(wanted))
      const why = isOpen ? null : (chosen.refusals.get(localKeyOf(wanted)) ?? 'this host is in no party')
      return { peerId: memberId, protocol, port, localPort, isOpen, why }
    }),
  }
}

function viewOfMesh(mesh: PartyNetworkStatus['mesh']): Omit<PartyNetworkView['mesh'], 'mode'> {
  if (mesh.state === 'off') {
    return { state: 'off', why: mesh.why, device: null, by: null, address: null, broadcasts: null }
  }
  const { device, by, address, broadcasts, whyNoBroadcasts } = mesh
  return { state: 'on', why: whyNoBroadcasts ?? null, device, by, address, broadcasts: broadcasts ?? null }
}

function viewOfPeers({ reach, mesh }: PartyNetworkStatus): PartyNetworkView['peers'] {
  return reach.map(({ peerId, state, explanation, relayed }) => {
    const joined = mesh.state === 'on' ? mesh.peers.find((each) => each.peerId === peerId) : undefined
    const { handshakeMs, receivedBytes = 0, sentBytes = 0 } = joined ?? {}
    return {
      id: peerId,
      state: state.name,
      explanation,
      path: isUp(state) ? state.kind : null,
      relayed: { ...relayed },
      latencyMs: isUp(state) ? (state.latencyMs ?? null) : null,
      handshakeAt: handshakeMs === undefined ? null : new Date(handshakeMs).toISOString(),
      receivedBytes,
      sentBytes,
    }
  })
}
