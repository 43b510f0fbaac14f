import { isUp } from '../../party/connection/connection-state.ts'
import type { PartyNetworkStatus } from '../../party/party-network.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import type { PartyNetworkView } from '../../wire/api/party-network.ts'

/** A party's network as its owner is shown it. */
export function viewOfNetwork(
  status: PartyNetworkStatus | { readonly why: string },
  ports: { readonly shares: readonly PortShare[]; readonly opened: readonly OpenedPort[] },
): PartyNetworkView {
  return {
    nat: 'nat' in status ? status.natExplanation : null,
    mesh: viewOfMesh('nat' in status ? status.mesh : { state: 'off', why: status.why }),
    peers: 'nat' in status ? viewOfPeers(status) : [],
    shares: ports.shares.map(({ protocol, port, host, hostPort, members }) => {
      return { protocol, port, host, hostPort, members: members ? [...members] : null }
    }),
    ports: ports.opened.map(({ memberId, protocol, port, localPort }) => {
      return { peerId: memberId, protocol, port, localPort }
    }),
  }
}

function viewOfMesh(mesh: PartyNetworkStatus['mesh']): PartyNetworkView['mesh'] {
  if (mesh.state === 'off') {
    return { state: 'off', why: mesh.why, device: null, by: null, address: null, broadcasts: null }
  }
  const { device, by, address, broadcasts, whyNoBroadcasts } = mesh
  return { state: 'on', why: whyNoBroadcasts ?? null, device, by, address, broadcasts: broadcasts ?? null }
}

function viewOfPeers({ reach, mesh }: PartyNetworkStatus): PartyNetworkView['peers'] {
  return reach.map(({ peerId, state, explanation }) => {
    const joined = mesh.state === 'on' ? mesh.peers.find((each) => each.peerId === peerId) : undefined
    const { handshakeMs, receivedBytes = 0, sentBytes = 0 } = joined ?? {}
    return {
      id: peerId,
      state: state.name,
      explanation,
      latencyMs: isUp(state) ? (state.latencyMs ?? null) : null,
      handshakeAt: handshakeMs === undefined ? null : new Date(handshakeMs).toISOString(),
      receivedBytes,
      sentBytes,
    }
  })
}
