import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Peer } from '../../party/contract/party.ts'
import type { PartyManager } from '../../party/manager/party-manager.ts'
import type {
  ChangePartyRights,
  CreateParty,
  JoinParty,
  PartyInvitation,
  PartyPeerView,
  PartyView,
} from '../../wire/api/party.ts'
import { isLoopback } from '../network/page-links.ts'
import { openLatencyRounds } from './latency-rounds.ts'
import { knockAt } from './knock-at.ts'
import type { PartyRights } from './party-rights.ts'
import { PartyWall, type Welcome } from './party-wall.ts'

/** A way into a member's lobby, and whether the member's page answers this host. */
export interface PartyWay extends Welcome {
  readonly isReached: boolean
}

/** A host's party as its owner has it: who is in it, the wall, and what members may do here. */
export class HostParty implements Disposable {
  readonly wall: PartyWall
  readonly #manager: PartyManager
  readonly #rights: PartyRights
  readonly #clock: Clock
  readonly #ends: Disposable[]

  constructor(options: {
    manager: PartyManager
    rights: PartyRights
    host: Host
    /** Where this host's page is. */
    page: () => string
    /** Where its native transport is, without a token; undefined where it has none. */
    native: () => string | undefined
    /** A token for a peer that may watch; undefined for all others. */
    issue: (peerId: string) => string | undefined
    /** What is shown is different. */
    onChange: () => void
    clock: Clock
    log: Log
  }) {
    const { manager, rights, clock, onChange } = options
    this.#manager = manager
    this.#rights = rights
    this.#clock = clock
    this.wall = new PartyWall({ ...options, membership: manager })
    const rounds = openLatencyRounds({
      manager,
      knock: async (peerId) => {
        const page = this.wall.cardOf(peerId)?.page
        return page === undefined ? undefined : await knockAt(page, clock)
      },
      ping: (peerId) => this.wall.ping(peerId),
      clock,
    })
    const unsubscribe = [
      manager.onChange(onChange),
      manager.listen({ doubted: onChange }),
      rights.changes.subscribe(onChange),
    ]
    this.#ends = [
      this.wall,
      rounds,
      {
        [Symbol.dispose]() {
          for (const end of unsubscribe) end()
        },
      },
    ]
  }

  async create({ name, admission, whenHostLeaves, hasSecondPart, at }: CreateParty): Promise<void> {
    await this.#manager.createParty({
      name,
      ...(admission && { admission }),
      ...(whenHostLeaves && { whenHostLeaves }),
      ...(hasSecondPart !== undefined && { hasSecret: hasSecondPart }),
      at: addressOf(at),
    })
  }

  async join({ by, at }: JoinParty): Promise<void> {
    await this.#manager.joinParty({ by, at: addressOf(at) })
  }

  leave(): Promise<void> {
    return this.#manager.leaveParty()
  }

  end(): Promise<void> {
    return this.#manager.endParty()
  }

  removePeer(peerId: string): Promise<void> {
    return this.#manager.removePeer(peerId)
  }

  /** A way into a member's lobby. Rejects as {@link PartyWall.visit}. */
  async visit(peerId: string, lobbyId: string): Promise<PartyWay> {
    return this.#wayBy(await this.wall.visit(peerId, lobbyId))
  }

  /** Starts an app there. Rejects as {@link PartyWall.visit}. */
  async start(peerId: string, appId: string): Promise<PartyWay> {
    return this.#wayBy(await this.wall.start(peerId, appId))
  }

  async #wayBy(welcome: Welcome): Promise<PartyWay> {
    return { ...welcome, isReached: (await knockAt(welcome.page, this.#clock)) !== undefined }
  }

  /** May throw a StoreError. */
  changeRights({ peerId, may }: ChangePartyRights): void {
    if (peerId !== null) this.#rights.set(peerId, may ?? undefined)
    else if (may !== null) this.#rights.setUsual(may)
  }

  /** What others come in by, the second part of the code included. Throws PartyError `no-party`. */
  invitation(): PartyInvitation {
    const { code, link, isSecret } = this.#manager.ticket()
    return { code, link: link ?? null, hasSecondPart: isSecret }
  }

  view(): PartyView {
    const status = this.#manager.getPartyStatus()
    const common = { usualMay: this.#rights.usual }
    if (status.status === 'no_party') {
      const nat = { type: 'unknown', publicIp: null, publicPort: null } as const
      return { ...common, status: 'no_party', why: status.why ?? null, party: null, recent: [], nat, peers: [] }
    }
    const { party, nat_info: nat, mode, plane, ticket, recent } = status
    return {
      ...common,
      status: 'in_party',
      why: null,
      party: {
        id: party.id,
        name: party.name,
        hostId: party.host_id,
        createdAt: party.created_at,
        code: ticket.isSecret ? null : ticket.code,
        link: ticket.isSecret ? null : (ticket.link ?? null),
        isOnlyHere: ticket.link === undefined || isLoopback(new URL(ticket.link).hostname),
        mode,
        plane,
      },
      recent: recent.map(({ atMs, ...each }) => ({ ...each, at: new Date(atMs).toISOString() })),
      nat: { type: nat.nat_type, publicIp: nat.public_ip, publicPort: nat.public_port },
      peers: party.getPeerList().map((peer) => this.#peerView(peer, party.host_id)),
    }
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end[Symbol.dispose]()
  }

  #peerView(peer: Peer, hostId: string): PartyPeerView {
    const { id } = peer
    return {
      id,
      name: peer.name,
      isMe: id === this.#manager.me,
      isHost: id === hostId,
      publicKey: peer.public_key,
      virtualIp: peer.virtual_ip,
      endpoint: peer.endpoint,
      natType: peer.nat_type,
      connectionType: peer.connection_type,
      latencyMs: peer.latency_ms,
      reason: this.#manager.reportOf(id)?.reason ?? '',
      doubt: this.#manager.doubtOf(id) ?? null,
      joinedAt: peer.joined_at,
      latencies: this.#manager.latencyHistory(id).map(({ atMs, latencyMs }) => {
        return { at: new Date(atMs).toISOString(), latencyMs }
      }),
      may: this.#rights.of(id),
      isOwnChoice: this.#rights.own(id) !== undefined,
      wall: this.wall.cardOf(id) ?? null,
    }
  }
}

/** An authority vouches for what people type. */
function addressOf(at: string | undefined): { url: string; fingerprint: undefined } | undefined {
  return at === undefined ? undefined : { url: at.replace(/\/+$/, ''), fingerprint: undefined }
}
