import type { NatType } from '../../domain/nat-type.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { type Closable, Ending } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { BirthdayOutcome } from '../../net/paths/birthday-probing.ts'
import { Writable, type Unsubscribe } from '../../kernel/readable.ts'
import type { NatName } from '../../net/nat/nat-findings.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import { describeConnection, isAway, isUp, type ConnectionState } from '../../party/connection/connection-state.ts'
import type { OwnAddresses } from '../../party/connection/own-addresses.ts'
import type { PartyMember } from '../../party/connection/peer-connections.ts'
import type { PartyRelayAccess } from '../../party/connection/party-relay.ts'
import type { PartyMembership, PeerReport } from '../../party/contract/party-membership.ts'
import { PartyNetwork, type PartyNetworkOptions } from '../../party/party-network.ts'
import type { MeshMode } from '../../party/mesh/mesh-mode.ts'
import type { SeenLobby, ShowLobby } from '../../party/share/lobby-looks.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import { ShareError } from '../../party/share/share-error.ts'
import type { OpenPort, PartyNetworkView } from '../../wire/api/party-network.ts'
import type { ShareProtocol } from '../../wire/party/share.ts'
import { FollowedPorts, keyOf, localKeyOf, unshared } from './followed-ports.ts'
import type { PartySettings } from './party-settings.ts'
import { pathSignals } from './path-signals.ts'
import { stunOfParty } from './stun-of-party.ts'
import { viewOfNetwork } from './view-of-network.ts'

export interface HostNetworkOptions {
  readonly membership: PartyMembership
  /** 32 bytes of X25519: this host's key as a peer. */
  readonly secret: Uint8Array
  /** That were named here; they are looked up each time that the network is looked at, beside relays of the control plane. */
  readonly stunServers: () => Promise<readonly WireAddress[]>
  /** A relay that this host lends to its party. */
  readonly relay: () => Promise<PartyRelayAccess | undefined>
  readonly settings: PartySettings
  /** Whether a direct path to a member is probed for by birthday where there is no other. */
  readonly probesByBirthday: boolean
  /** What became of that, each time. */
  readonly onProbed: (outcome: BirthdayOutcome) => void
  readonly mesh: Omit<PartyNetworkOptions['mesh'], 'mode'>
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

const reportEveryMs = 5000
const lookAtPortsEveryMs = 1000

interface OpenNetwork {
  /** The party, and this host's address in it: with another one it is another network. */
  readonly of: string
  readonly network: PartyNetwork
  readonly others: Writable<readonly PartyMember[]>
  readonly ports: FollowedPorts
  mode: MeshMode
  /** What the party was told last of where this host is. */
  told: OwnAddresses | undefined
}

const noParty = 'this host is in no party'

/** The network of the party that this host is in: there while it is in one, with the ports and the virtual LAN as the settings have them. */
export class HostNetwork implements Closable {
  readonly closed: Closable['closed']
  readonly #options: HostNetworkOptions
  readonly #ending: Ending
  readonly #listeners = new Set<() => void>()
  readonly #timers: readonly Timer[]
  #open: OpenNetwork | undefined
  #why = noParty
  #show: ShowLobby = async () => ({ type: 'refused' })
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: HostNetworkOptions) {
    const { membership, settings, clock } = options
    this.#options = options
    const { mesh, shares, ports } = settings
    const unsubscribe = [
      membership.onChange(() => this.#changed()),
      ...[mesh, shares, ports].map((each) => each.subscribe(() => this.#changed())),
    ]
    this.#timers = [
      clock.every(reportEveryMs, () => this.#report()),
      clock.every(lookAtPortsEveryMs, () => this.#open?.ports.isBehind && this.#changed()),
    ]
    this.#ending = new Ending(async () => {
      for (const end of unsubscribe) end()
      for (const timer of this.#timers) timer.cancel()
      await this.#turn
      await this.#open?.network.close()
      this.#open = undefined
    })
    this.closed = this.#ending.closed
    this.#changed()
  }

  async view(): Promise<PartyNetworkView> {
    const { mesh, shares, ports } = this.#options.settings
    const open = this.#open
    return viewOfNetwork(open ? await open.network.status() : { why: this.#why }, {
      mode: mesh.value,
      shares: shares.value,
      ports: ports.value,
      opened: open?.network.ports.opened ?? [],
      refusals: open?.ports.refusals ?? new Map(),
    })
  }

  /** From now on members see by it how lobbies look here. */
  showLobbies(show: ShowLobby): void {
    this.#show = show
  }

  /** How a lobby of a member looks. Rejects with ShareError, a WireError or a StreamError. */
  async look(peerId: string, lobby: { lobbyId: string; tag: string | undefined }): Promise<SeenLobby> {
    if (!this.#open) throw new ShareError('unreachable', 'This host is in no party')
    return this.#open.network.ports.look(peerId, lobby)
  }

  /** Calls when what is shown may be different. */
  onChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** In the place of one of that number, in this party and in others, also after a restart. Throws ShareError, or StoreError. */
  share(share: PortShare): void {
    const { shares } = this.#options.settings
    shares.keep([...shares.value.filter((each) => keyOf(each) !== keyOf(share)), share])
  }

  /** False where it was not shared. Throws as {@link share}. */
  unshare(protocol: ShareProtocol, port: number): boolean {
    return unshared(this.#options.settings.shares, protocol, port)
  }

  /** From now on, whenever that member is there. Rejects with ShareError, or StoreError. */
  openPort({ peerId, protocol, port, localPort = port }: OpenPort): Promise<void> {
    const { ports } = this.#options.settings
    return this.#inTurn(async () => {
      if (!this.#open) throw new ShareError('invalid', 'This host is in no party')
      const own = this.#open.network.ports
      const opened = await own.open({ memberId: peerId, protocol, port, localPort })
      try {
        ports.keep([...ports.value.filter((each) => localKeyOf(each) !== localKeyOf(opened)), opened])
      } catch (error) {
        await own.close(protocol, opened.localPort)
        throw error
      }
    })
  }

  /** False where it was not open. Rejects as {@link openPort}. */
  closePort(protocol: ShareProtocol, localPort: number): Promise<boolean> {
    const { ports } = this.#options.settings
    return this.#inTurn(async () => {
      const left = ports.value.filter((each) => localKeyOf(each) !== localKeyOf({ protocol, localPort }))
      const wasKept = left.length < ports.value.length
      if (wasKept) ports.keep(left)
      return ((await this.#open?.network.ports.close(protocol, localPort)) ?? false) || wasKept
    })
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Changes go one after the other: a network is closed before the next one is opened. */
  #changed(): void {
    const follow = async () => {
      try {
        await this.#follow()
      } catch (error) {
        this.#why = messageOf(error)
        this.#options.log.error('The network of the party cannot be opened', { why: this.#why })
      }
      for (const listener of this.#listeners) listener()
    }
    void this.#inTurn(follow)
  }

  #inTurn<T>(deed: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(deed)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #follow(): Promise<void> {
    const { membership, settings } = this.#options
    const party = this.#ending.begun ? undefined : membership.party.value
    const of = party && `${party.id} ${membership.virtualAddress() ?? ''}`
    if (this.#open && this.#open.of !== of) {
      const { network } = this.#open
      this.#open = undefined
      this.#why = noParty
      await network.close()
    }
    if (!party || of === undefined) return
    const others = membership
      .peers()
      .map(({ id, name, public_key: publicKey, virtual_ip: virtualIp }) => ({ id, name, publicKey, virtualIp }))
    if (!this.#open) this.#why = 'it is being opened'
    const open = (this.#open ??= await this.#enter(party.id, of, others))
    if (JSON.stringify(others) !== JSON.stringify(open.others.value)) open.others.set(others)
    if (open.mode !== settings.mesh.value) {
      open.mode = settings.mesh.value
      await open.network.setMeshMode(open.mode)
    }
    await open.ports.follow(new Set(others.map(({ id }) => id)))
  }

  async #enter(partyId: string, of: string, members: readonly PartyMember[]): Promise<OpenNetwork> {
    const {
      membership,
      secret,
      stunServers,
      relay: relayOf,
      settings,
      mesh,
      clock,
      random,
      log,
      probesByBirthday,
      onProbed,
    } = this.#options
    const mode = settings.mesh.value
    const others = new Writable(members)
    const [address = '', prefix = '16'] = membership.virtualAddress()?.split('/') ?? []
    const relay = await relayOf()
    const network = await PartyNetwork.open({
      party: {
        partyId,
        ownId: membership.me,
        ownVirtualIp: address,
        range: rangeOf(address, Number(prefix)),
        others,
        signals: pathSignals(membership, log),
        tunnel: { open: () => membership.openTunnel() },
      },
      secret,
      stunServers: async () =>
        stunOfParty({
          named: await stunServers(),
          relays: () => membership.relays(),
          clock,
          failed: (why) => log.debug('Relays of the control plane are not asked for the NAT', { why }),
        }),
      ...(relay && { relay }),
      show: (peerId, lobby) => this.#show(peerId, lobby),
      mesh: { ...mesh, mode },
      probesByBirthday,
      onProbed,
      clock,
      random,
      log,
    })
    const whyAway = (memberId: string) => {
      const state = network.connections.stateOf(memberId)
      const isMember = others.value.some(({ id }) => id === memberId)
      if (!state) return isMember ? 'that member has no key' : 'that member is not in this party now'
      return isAway(state)
        ? `that member is away, and it opens again by itself: ${describeConnection(state)}`
        : undefined
    }
    const ports = new FollowedPorts(network.ports, { settings, whyAway, log })
    const open: OpenNetwork = { of, network, others, ports, mode, told: undefined }
    this.#tellAnew(open)
    return open
  }

  /** Others of the party come and go meanwhile: a control plane that is slow to answer holds up nothing. */
  #tellAnew(open: OpenNetwork): void {
    const { addresses } = open.network.connections
    if (open.told === addresses) return
    open.told = addresses
    void this.#tell(open.network)
  }

  /** What others are told of this machine's NAT. */
  async #tell(network: PartyNetwork): Promise<void> {
    const { membership, log } = this.#options
    const { nat, candidates } = network.connections.addresses
    const [own] = candidates
    const seen = candidates.at(-1)
    const isSeen = nat !== 'unknown' && nat !== 'udp-blocked'
    try {
      await membership.tell({
        natType: natTypes[nat],
        publicIp: isSeen ? seen?.address : undefined,
        publicPort: isSeen ? seen?.port : undefined,
        localIp: own?.address,
        localPort: own?.port,
      })
    } catch (error) {
      log.warn('The party does not know this host’s NAT yet', { why: messageOf(error) })
    }
  }

  #report(): void {
    if (!this.#open) return
    this.#tellAnew(this.#open)
    // Somebody else may have let go of a port that is wanted here.
    if (this.#open.ports.isShort) this.#changed()
    for (const { peerId, state, explanation } of this.#open.network.connections.reach) {
      this.#options.membership.report(peerId, reportOf(state, explanation))
    }
  }
}

function reportOf(state: ConnectionState, explanation: string): PeerReport {
  if (isUp(state)) {
    const connectionType = state.kind === 'direct' ? 'direct' : 'relayed'
    return { connectionType, latencyMs: state.latencyMs ?? null, reason: explanation }
  }
  const isOver = state.name === 'failed' || state.name === 'cleaned'
  return { connectionType: isOver ? 'failed' : 'connecting', latencyMs: null, reason: describeConnection(state) }
}

/** "10.66.0.0/16" of an address in it; '' where there is none. */
function rangeOf(address: string, prefix: number): string {
  if (address === '') return ''
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const first = value - (value % 2 ** (32 - prefix))
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`
}

/** A firewall lets in those who were sent to, as a port-restricted NAT does. */
const natTypes: Readonly<Record<NatName, NatType>> = {
  open: 'open',
  firewall: 'port_restricted_cone',
  'full cone': 'full_cone',
  restricted: 'restricted_cone',
  'port-restricted': 'port_restricted_cone',
  symmetric: 'symmetric',
  'udp-blocked': 'unknown',
  unknown: 'unknown',
}
