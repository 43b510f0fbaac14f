import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { type Closable, Ending } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import type { Readable } from '../kernel/readable.ts'
import { keyPairFrom } from '../net/native/node-crypto.ts'
import { openUdpSocket, type UdpSocket } from '../net/udp/udp-socket.ts'
import type { NatName } from '../net/nat/nat-findings.ts'
import type { BroadcastCounts } from './broadcast/broadcast-copies.ts'
import { Broadcasts } from './broadcast/broadcasts.ts'
import type { PortRange } from './broadcast/game-ports.ts'
import type { BirthdayOutcome } from '../net/paths/birthday-probing.ts'
import type { BirthdayCounts } from './connection/birthday-runs.ts'
import type { StunPlace } from './connection/own-addresses.ts'
import type { PartyRelayAccess } from './connection/party-relay.ts'
import { PeerConnections, type PartyMember, type PeerReach } from './connection/peer-connections.ts'
import type { PeerSignals } from './connection/peer-signals.ts'
import type { TunnelDoor } from './connection/tunnel-socket.ts'
import { RelayedTraffic, type RelayedBytes } from './connection/relayed-traffic.ts'
import type { KeptText } from './mesh/device/interface-record.ts'
import { isMeshInterface } from './mesh/device/mesh-interface.ts'
import type { WireGuardPrograms } from './mesh/device/open-wireguard.ts'
import type { ShowLobby } from './share/lobby-looks.ts'
import { SharedPorts } from './share/shared-ports.ts'
import type { MeshMode } from './mesh/mesh-mode.ts'
import { Mesh, meshMtuBytes, type MeshPeer } from './mesh/mesh.ts'

/** What a member knows of the party that it is in. */
export interface PartyView {
  readonly partyId: string
  readonly ownId: string
  /** In the party's network, "10.66.3.7"; empty where the control plane gives none. */
  readonly ownVirtualIp: string
  /** "10.66.0.0/16". */
  readonly range: string
  /** All but this one. */
  readonly others: Readable<readonly PartyMember[]>
  readonly signals: PeerSignals
  /** To members who cannot be reached otherwise; undefined where the control plane has none. */
  readonly tunnel?: TunnelDoor
}

export interface PartyNetworkOptions {
  readonly party: PartyView
  /** 32 bytes of X25519: this machine's key as a peer, to others and to WireGuard. */
  readonly secret: Uint8Array
  /** They are looked up each time that the network is looked at; does not reject. */
  readonly stunServers: () => Promise<readonly StunPlace[]>
  /** How lobbies of this host look to members. */
  readonly show?: ShowLobby
  readonly relay?: PartyRelayAccess
  readonly mesh: {
    readonly mode: MeshMode
    /** By which this host is known on this machine. */
    readonly home: string
    readonly kept: KeptText
    readonly programs?: WireGuardPrograms
    /** Where games look for each other; none turns it off. */
    readonly gamePorts: readonly PortRange[]
  }
  /** Whether a direct path to a member is probed for by birthday where there is no other; not unless given. */
  readonly probesByBirthday?: boolean
  /** What became of that, each time. */
  readonly onProbed?: (outcome: BirthdayOutcome) => void
  /** Of UDP, for all traffic with peers; any that is free when left out. */
  readonly port?: number
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** What of the virtual network there is on this machine. */
export type MeshStatus =
  | {
      readonly state: 'on'
      readonly device: string
      readonly by: 'kernel' | 'wireguard-go'
      readonly address: string
      readonly peers: readonly MeshPeer[]
      /** Undefined where broadcasts are not forwarded. */
      readonly broadcasts: BroadcastCounts | undefined
      readonly whyNoBroadcasts: string | undefined
    }
  | { readonly state: 'off'; readonly why: string }

export interface PartyNetworkStatus {
  readonly nat: NatName
  readonly natExplanation: string
  readonly stunServers: readonly StunPlace[]
  /** Undefined where nothing is probed for by birthday. */
  readonly birthday: BirthdayCounts | undefined
  /** How each of the others is reached, and what went there and back by somebody else's machine. */
  readonly reach: readonly (PeerReach & { readonly relayed: RelayedBytes })[]
  readonly mesh: MeshStatus
}

interface OpenMesh {
  readonly mesh: Mesh
  broadcasts: Broadcasts | undefined
  /** Why they are not forwarded. */
  whyNoBroadcasts: string | undefined
}

/** All of a party's network on one machine: the connections to its peers, and where that can be, the virtual LAN over them. */
export class PartyNetwork implements Closable {
  readonly closed: Closable['closed']
  /** Datagrams to and from each peer, by the best path. */
  readonly connections: PeerConnections
  /** Single ports of members for each other, which takes no rights. */
  readonly ports: SharedPorts
  readonly #traffic: RelayedTraffic
  readonly #options: PartyNetworkOptions
  readonly #ending: Ending
  #mesh: OpenMesh | { readonly why: string }
  #mode: MeshMode
  /** Changes of the mode go one after the other. */
  #turn: Promise<void> = Promise.resolve()

  private constructor(options: PartyNetworkOptions, socket: UdpSocket, connections: PeerConnections) {
    this.#options = options
    this.connections = connections
    this.#mesh = { why: turnedOff }
    this.#mode = options.mesh.mode
    const { others } = options.party
    const { secret, show, clock, random, log } = options
    this.#traffic = new RelayedTraffic(connections, clock)
    this.ports = new SharedPorts({
      own: keyPairFrom(secret),
      carrier: this.#traffic,
      members: () => others.value,
      show,
      clock,
      random,
      log,
    })
    const unsubscribe = others.subscribe((members) => this.#setPeers(members))
    this.#ending = new Ending(async () => {
      unsubscribe()
      await this.#turn
      await this.#closeMesh()
      await this.ports[Symbol.asyncDispose]()
      this.#traffic[Symbol.dispose]()
      connections[Symbol.dispose]()
      await socket.close()
    })
    this.closed = this.#ending.closed
    connections.setPeers(others.value)
  }

  /** Rejects with the system's error where no socket can be had, with MeshError where the mesh has to be `on` and cannot. */
  static async open(options: PartyNetworkOptions): Promise<PartyNetwork> {
    const { party, secret, clock, random, log, stunServers, relay, port = 0, probesByBirthday, onProbed } = options
    const socket = await openSocket(port)
    try {
      const connections = await PeerConnections.open({
        partyId: party.partyId,
        ownId: party.ownId,
        keys: keyPairFrom(secret),
        socket,
        signals: party.signals,
        stunServers,
        ...(relay && { relay }),
        ...(party.tunnel && { tunnel: party.tunnel }),
        clock,
        random,
        log,
        ...(probesByBirthday === true && { openSpare: () => openSocket(0, {}), onProbed }),
        without: isMeshInterface,
      })
      const network = new PartyNetwork(options, socket, connections)
      const refusal = await network.#openMesh()
      if (refusal === undefined || options.mesh.mode !== 'on') return network
      await network.close()
      throw refusal
    } catch (error) {
      await socket.close()
      throw error
    }
  }

  async status(): Promise<PartyNetworkStatus> {
    const { addresses, birthday } = this.connections
    const { nat, explanation: natExplanation, stunServers } = addresses
    return { nat, natExplanation, stunServers, birthday, reach: this.#reach, mesh: await this.#meshStatus() }
  }

  /** The virtual LAN is wanted otherwise: it is there, or gone, when this resolves. Where it cannot be, `status` says why. */
  setMeshMode(mode: MeshMode): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#ending.begun) return
      this.#mode = mode
      if (mode !== 'off') {
        if (!('mesh' in this.#mesh)) await this.#openMesh()
        return
      }
      await this.#closeMesh()
      this.#mesh = { why: turnedOff }
    })
    return this.#turn
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Answers with why there is none, unless none is wanted. */
  async #openMesh(): Promise<unknown> {
    const { party, secret, mesh, clock, log } = this.#options
    if (this.#mode === 'off') return undefined
    try {
      if (party.ownVirtualIp === '') throw new Error('the control plane gives this machine no address')
      const opened = await Mesh.open({
        ...mesh,
        address: `${party.ownVirtualIp}/${party.range.split('/')[1]}`,
        range: party.range,
        privateKey: secret,
        carrier: this.#traffic,
        clock,
        log,
      })
      this.#mesh = { mesh: opened, broadcasts: undefined, whyNoBroadcasts: undefined }
      void opened.closed.then((end) => {
        if (end.kind === 'error') this.#mesh = { why: messageOf(end.error) }
      })
      await opened.setPeers(party.others.value)
      await this.#openBroadcasts()
      return undefined
    } catch (error) {
      await this.#closeMesh()
      log.info('This machine is not in the virtual network of its party', { why: messageOf(error) })
      this.#mesh = { why: messageOf(error) }
      return error
    }
  }

  async #openBroadcasts(): Promise<void> {
    const { party, mesh, clock, log } = this.#options
    if (!('mesh' in this.#mesh)) return
    if (mesh.gamePorts.length === 0) {
      this.#mesh.whyNoBroadcasts = 'no ports of games are named'
      return
    }
    const others = () => party.others.value.flatMap(({ virtualIp }) => (virtualIp === '' ? [] : [virtualIp]))
    try {
      const settings = { ports: mesh.gamePorts, own: party.ownVirtualIp, others, mtuBytes: meshMtuBytes, clock, log }
      this.#mesh.broadcasts = await Broadcasts.open(settings)
    } catch (error) {
      this.#mesh.whyNoBroadcasts = messageOf(error)
      log.warn('Broadcasts of games are not sent on', { why: messageOf(error) })
    }
  }

  async #closeMesh(): Promise<void> {
    if (!('mesh' in this.#mesh)) return
    const { mesh, broadcasts } = this.#mesh
    await broadcasts?.close()
    await mesh.close()
  }

  get #reach(): PartyNetworkStatus['reach'] {
    return this.connections.reach.map((peer) => ({ ...peer, relayed: this.#traffic.of(peer.peerId) }))
  }

  async #meshStatus(): Promise<MeshStatus> {
    if (!('mesh' in this.#mesh)) return { state: 'off', why: this.#mesh.why }
    const { mesh, broadcasts, whyNoBroadcasts } = this.#mesh
    const { ownVirtualIp } = this.#options.party
    return {
      state: 'on',
      device: mesh.name,
      by: mesh.kind,
      address: ownVirtualIp,
      peers: await mesh.peers(),
      broadcasts: broadcasts?.counts,
      whyNoBroadcasts,
    }
  }

  #setPeers(members: readonly PartyMember[]): void {
    this.connections.setPeers(members)
    if (!('mesh' in this.#mesh)) return
    this.#mesh.mesh.setPeers(members).catch((error: unknown) => {
      this.#options.log.warn('The virtual network did not take a change of the party', { why: messageOf(error) })
    })
  }
}

const turnedOff = 'it is turned off'

/** Of both families where the machine has both. */
async function openSocket(
  port: number,
  buffers: { readonly bufferBytes?: number } = { bufferBytes: 4 * 1024 * 1024 },
): Promise<UdpSocket> {
  try {
    return await openUdpSocket({ host: '::', port, ...buffers })
  } catch {
    return openUdpSocket({ host: '0.0.0.0', port, ...buffers })
  }
}
