import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { peerInfo, peerOf } from '../../wire/party/records.ts'
import { checked } from '../control/checked.ts'
import type { PlaneAddress } from '../contract/nearby.ts'
import type { PartyMembership, SignalData } from '../contract/party-membership.ts'
import type { PlaneWay } from '../contract/plane-way.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import type { PeerInfo, PlaneClient, ToldMembership } from '../plane/plane-client.ts'
import type { PartyStep } from '../plane/followed-party.ts'
import { PlaneLink, type LinkState, type OutCode } from '../plane/plane-link.ts'
import type { Neighbours } from './neighbours.ts'
import type { KeptMembership } from './own-identity.ts'

/**
 * Where the party is looked after now: by its own control plane, by nobody yet, or, while that cannot be reached, by that of a member who is
 * near.
 */
export type PartyMode = 'home' | 'connecting' | 'local'

/** A party that its control plane does not know is over after this: its host has had the time to make it again. */
const unknownMs = 90_000
/** A member whose control plane does not answer is left out for so long. */
const avoidedMs = 60_000
const lookMs = 15_000

interface Plane extends Disposable {
  readonly client: PlaneClient
}

interface HomeAndLocalOptions {
  readonly membership: KeptMembership
  /** What its control plane has answered to whoever has just made the party or joined it. */
  readonly joined: ToldMembership | undefined
  readonly peerId: string
  readonly self: () => PeerInfo
  readonly own: { readonly way: PlaneWay; readonly registry: PartyRegistry }
  readonly ownAddress: () => PlaneAddress | undefined
  /** A client of a control plane; of this machine's where there is no address. */
  readonly planeAt: (address: PlaneAddress | undefined) => Plane
  readonly neighbours: Neighbours
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** As the party's own control plane tells it, or that of a member who is near and knows of those alone who are. */
  readonly onParty: (step: PartyStep, by: 'home' | 'local') => void
  readonly onMode: () => void
  readonly onSignal: (peerId: string, data: SignalData) => void
  readonly onOut: (code: OutCode, detail: string) => void
}

/**
 * Keeps this machine in its party: at the party's own control plane, its home, and while that cannot be reached, at the one of a member
 * who is near, with all who cannot reach it either. Which member that is follows from who has been in the party longest, and then from
 * the smaller id, so that all choose the same one. When the home is back it is the one that counts: who is host, and who is in it, is what it
 * says, and whoever met meanwhile joins there by itself.
 */
export class HomeAndLocal {
  readonly #options: HomeAndLocalOptions
  readonly #home: Plane
  readonly #homeLink: PlaneLink
  readonly #ends: (() => void)[] = []
  readonly #avoided = new Map<string, number>()
  #local: { readonly plane: Plane; readonly link: PlaneLink; readonly of: string } | undefined
  #unknownSinceMs: number | undefined
  #isElecting = false
  #isClosed = false
  readonly #settling = Promise.withResolvers<void>()

  constructor(options: HomeAndLocalOptions) {
    this.#options = options
    const { membership, joined, neighbours, clock, onOut, onSignal } = options
    const { plane } = membership
    this.#home = options.planeAt(plane && { url: plane.url, fingerprint: plane.fingerprint })
    this.#homeLink = this.#open(this.#home, {
      joined,
      onParty: (step) => {
        this.#unknownSinceMs = undefined
        options.onParty(step, 'home')
      },
      onState: (state) => void this.#onHome(state),
      onSignal,
      onOut,
      onUnknown: () => this.#onUnknown(),
    })
    const timer = clock.every(lookMs, () => this.#look())
    this.#ends.push(
      () => timer.cancel(),
      neighbours.onChange(() => this.#look()),
    )
    this.#announce()
  }

  get mode(): PartyMode {
    if (this.#homeLink.state === 'connected') return 'home'
    return this.#local?.link.state === 'connected' ? 'local' : 'connecting'
  }

  /** Of the control plane that is used now. */
  get address(): string {
    return this.#active.address
  }

  /** Resolves when it was found out for the first time whether the home can be reached. */
  get settled(): Promise<void> {
    return this.#settling.promise
  }

  get canSignal(): boolean {
    return this.#active.canSignal
  }

  signal(to: string, data: SignalData): void {
    this.#active.signal(to, data)
  }

  openTunnel(): ReturnType<PartyMembership['openTunnel']> {
    return this.#active.openTunnel()
  }

  relays(): ReturnType<PartyMembership['relays']> {
    return this.#active.relays()
  }

  async update(): Promise<void> {
    if (this.mode !== 'connecting') await this.#active.update()
  }

  /** Leaves what was met at meanwhile; its end is another's matter. */
  async leaveLocal(): Promise<void> {
    const local = this.#local
    this.#local = undefined
    if (!local) return
    local.link.close()
    const { membership, log } = this.#options
    await local.plane.client
      .leaveParty(membership.id)
      .catch((error: unknown) => log.debug('A local party could not be left', { error: messageOf(error) }))
    local.plane[Symbol.dispose]()
  }

  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
    this.#homeLink.close()
    this.#home[Symbol.dispose]()
    this.#local?.link.close()
    this.#local?.plane[Symbol.dispose]()
    this.#local = undefined
    void this.#options.neighbours.announce(this.#secret, undefined)
  }

  get #secret(): string {
    const { code, id } = this.#options.membership
    return code ?? id
  }

  get #active(): PlaneLink {
    return this.mode === 'local' && this.#local ? this.#local.link : this.#homeLink
  }

  #open(
    plane: Plane,
    heard: Pick<
      ConstructorParameters<typeof PlaneLink>[0],
      'joined' | 'onParty' | 'onState' | 'onSignal' | 'onOut' | 'onUnknown'
    >,
  ): PlaneLink {
    const { membership, peerId, self, clock, random, log } = this.#options
    const { id: partyId, code } = membership
    return new PlaneLink({ client: plane.client, partyId, peerId, self, code, clock, random, log, ...heard })
  }

  async #onHome(state: LinkState): Promise<void> {
    const { log, membership, onMode } = this.#options
    if (state === 'lost') {
      log.warn('The control plane of the party cannot be reached: members who are near meet without it', {
        party: membership.name,
      })
    }
    this.#settling.resolve()
    this.#look()
    if (state === 'connected') await this.leaveLocal()
    onMode()
  }

  /** The host makes it again where it can, at its own; the others wait for that. */
  async #onUnknown(): Promise<void> {
    const { membership, own, clock, self, peerId, onOut } = this.#options
    const { id, name, admission, code, plane, host_id: hostId } = membership
    if (!plane && hostId === peerId) {
      const host = peerOf(checked(peerInfo, self(), 'peer_info'))
      await own.registry.registerParty({ id, name, host, admission, code })
      return
    }
    this.#unknownSinceMs ??= clock.nowMs()
    if (clock.nowMs() - this.#unknownSinceMs < unknownMs) return
    this.close()
    onOut('party-not-found', 'The party is over')
  }

  #look(): void {
    if (this.#isClosed) return
    this.#announce()
    if (this.#homeLink.state !== 'lost' || this.#isElecting) return
    this.#isElecting = true
    void this.#elect().finally(() => (this.#isElecting = false))
  }

  #announce(): void {
    const { membership, neighbours, ownAddress } = this.#options
    const { joined_ms: joinedMs, plane } = membership
    const own = ownAddress()
    const home = plane ? { url: plane.url, fingerprint: plane.fingerprint } : own
    const isLocal = this.#homeLink.state === 'lost'
    void neighbours.announce(this.#secret, { joinedMs, home, own, isLocal })
  }

  async #elect(): Promise<void> {
    const { membership, neighbours, peerId, clock, log } = this.#options
    const others = (await neighbours.members(this.#secret)).filter(
      (each) => each.isLocal && each.own && (this.#avoided.get(each.peerId) ?? 0) <= clock.nowMs(),
    )
    const me = { peerId, joinedMs: membership.joined_ms, own: undefined }
    const [chosen = me] = [me, ...others].toSorted(
      (one, other) => one.joinedMs - other.joinedMs || (one.peerId < other.peerId ? -1 : 1),
    )
    if (this.#isClosed || this.#homeLink.state !== 'lost' || this.#local?.of === chosen.peerId) return
    await this.leaveLocal()
    try {
      if (chosen.own === undefined) await this.#adopt()
      this.#meet(chosen)
    } catch (error) {
      log.error('Members who are near cannot meet here', { error: messageOf(error) })
    }
  }

  async #adopt(): Promise<void> {
    const { membership, own } = this.#options
    const { id, name, host_id: hostId, created_ms: createdMs, admission, code } = membership
    await own.registry.adoptParty({ id, name, hostId, createdMs, admission, code })
  }

  #meet({ peerId: of, own }: { readonly peerId: string; readonly own: PlaneAddress | undefined }): void {
    const { planeAt, onParty, onMode, onSignal, clock } = this.#options
    const isNow = () => this.#local?.plane === plane && this.#homeLink.state === 'lost'
    const avoid = () => {
      if (!isNow()) return
      this.#avoided.set(of, clock.nowMs() + avoidedMs)
      void this.leaveLocal().then(() => this.#look())
    }
    const plane = planeAt(own)
    const link = this.#open(plane, {
      joined: undefined,
      onParty: (step) => void (isNow() && onParty(step, 'local')),
      onState: (state) => (state === 'lost' ? avoid() : onMode()),
      onSignal: (from, data) => void (isNow() && onSignal(from, data)),
      onOut: avoid,
      onUnknown: async () => {},
    })
    this.#local = { plane, link, of }
  }
}
