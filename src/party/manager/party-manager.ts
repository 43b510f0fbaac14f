import { messageOf } from '../../kernel/coded-error.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { Writable, type Readable, type Unsubscribe } from '../../kernel/readable.ts'
import type { MemberDoubt } from '../../domain/member-doubt.ts'
import type { HostDeparture, PartyAdmission } from '../../domain/party.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import { encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import type { NearbyBoard, PlaneAddress, SharedParty } from '../contract/nearby.ts'
import { PartyError } from '../contract/party-error.ts'
import type { MemberListener, OwnFacts, PartyMembership, PeerReport } from '../contract/party-membership.ts'
import { Party, type Peer } from '../contract/party.ts'
import type { PlaneWay } from '../contract/plane-way.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import type { PartyStep } from '../plane/followed-party.ts'
import { PlaneClient, type PeerInfo, type ToldMembership } from '../plane/plane-client.ts'
import type { OutCode } from '../plane/plane-link.ts'
import { HomeAndLocal } from './home-and-local.ts'
import { addressOf, membershipOf, type MembershipOptions } from './kept-membership.ts'
import { KnownKeys } from './known-keys.ts'
import { Neighbours } from './neighbours.ts'
import { factsOfName, peerInfoOf } from './own-facts.ts'
import { OwnIdentity, type IdentityFile, type KeptMembership } from './own-identity.ts'
import type { PartyStatus, PartyTicket } from './party-status.ts'
import { PartyHistory } from './party-history.ts'
import { newPartySecret, parseInvitation, ticketOf } from './party-invitation.ts'
import { PartyMembers } from './party-members.ts'
import { PartyTalks } from './party-talks.ts'
import { PeerReports, type LatencyPoint } from './peer-reports.ts'

export interface PartyManagerOptions {
  readonly identity: IdentityFile
  /** Of this machine as a peer: others know it by the public one, and seal for it what they say. */
  readonly keys: KeyPair
  /** The control plane of this machine. */
  readonly own: { readonly way: PlaneWay; readonly registry: PartyRegistry }
  /** Where others reach it; undefined where nobody does. */
  readonly ownAddress: () => PlaneAddress | undefined
  readonly wayTo: (address: PlaneAddress) => PlaneWay & Disposable
  readonly boards: readonly NearbyBoard[]
  /** Puts the party where others on this machine look; undefined takes it away. */
  readonly share: (party: SharedParty | undefined) => void
  /** What this machine is called. */
  readonly name: string
  /** What was said with a member, where that is recorded. */
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** For the first join to be done, so that whoever asks is told how it stands. */
const settleMs = 3000

/** This machine's part in a party (seed 002): makes, joins and leaves them, and is in its party again after a restart. */
export class PartyManager implements PartyMembership, Closable {
  readonly closed
  readonly party: Readable<Party | undefined>
  readonly #party: Writable<Party | undefined>
  readonly #options: PartyManagerOptions
  readonly #identity: OwnIdentity
  readonly #reports: PeerReports
  readonly #members: PartyMembers
  readonly #history: PartyHistory
  readonly #neighbours: Neighbours
  readonly #talks: PartyTalks
  readonly #ending: Ending
  #facts: OwnFacts
  #link: HomeAndLocal | undefined
  #why: string | undefined
  /** Making, joining and leaving wait for each other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PartyManagerOptions) {
    const { clock, log, boards, name } = options
    this.#options = options
    this.#identity = new OwnIdentity(options.identity, log)
    this.#facts = factsOfName(name)
    this.#reports = new PeerReports(() => clock.epochMs())
    this.#members = new PartyMembers(this.me, this.#reports)
    this.#talks = new PartyTalks({ ...options, ownId: this.me, members: this.#members })
    this.#history = new PartyHistory(() => clock.epochMs())
    this.#party = new Writable<Party | undefined>(undefined, (error) =>
      log.error('A listener of the party failed', { error: messageOf(error) }),
    )
    this.party = this.#party
    this.#neighbours = new Neighbours({ boards, me: this.me, log })
    this.#ending = new Ending(() => {
      this.#talks.end()
      this.#link?.close()
      this.#neighbours[Symbol.dispose]()
    })
    this.closed = this.#ending.closed
    const { membership } = this.#identity
    if (membership) this.#begin(membership)
  }

  get me(): string {
    return this.#identity.peerId
  }

  virtualAddress(): string | undefined {
    return this.#members.party?.members.get(this.me)?.virtualAddress
  }

  peers(): readonly Peer[] {
    return this.#members.others
  }

  onChange(listener: () => void): Unsubscribe {
    return this.#party.subscribe(listener)
  }

  /** Of each peer, the oldest first. */
  latencyHistory(peerId: string): readonly LatencyPoint[] {
    return this.#reports.historyOf(peerId)
  }

  reportOf(peerId: string): PeerReport | undefined {
    return this.#reports.get(peerId)
  }

  /** Rejects with PartyError `in-a-party`, or with what the control plane says. */
  createParty(wanted: {
    name: string
    admission?: PartyAdmission
    whenHostLeaves?: HostDeparture
    /** Whether the code has a second part; it has when left out, and an id has none. */
    hasSecret?: boolean
    /** Of the control plane; this machine's own when left out. */
    at?: PlaneAddress | undefined
  }): Promise<PartyTicket> {
    const { name, admission = 'code', whenHostLeaves = 'end', hasSecret = admission === 'code', at } = wanted
    return this.#inTurn(async () => {
      this.#identity.demandNone()
      using plane = this.#planeAt(at)
      const made = await plane.client.registerParty({ name, self: this.#self(), admission, whenHostLeaves })
      const secret = hasSecret && made.code !== undefined ? newPartySecret() : undefined
      // Who joins as soon as they are told is answered at once.
      await this.#talks.prepare(made.party.party_id, secret)
      await this.#enter(made, { code: made.code, secret, admission, plane: at })
      return this.ticket()
    })
  }

  /** By a code or a link. Rejects with PartyError `in-a-party`, `code-unknown`, `wrong-secret`, or with what the control plane says. */
  joinParty({ by, at }: { by: string; at?: PlaneAddress | undefined }): Promise<PartyTicket> {
    return this.#inTurn(async () => {
      this.#identity.demandNone()
      const { plane: told, secret, ...invited } = parseInvitation(by)
      const { code: asked = '' } = invited
      const where = told ?? at ?? (await this.#neighbours.find(asked))
      if (!where) {
        throw new PartyError(
          'code-unknown',
          'No party nearby has that code. Elsewhere it takes the link, or the address of its control plane.',
        )
      }
      using plane = this.#planeAt(where)
      const partyId = invited.partyId ?? (await plane.client.findParty(asked))
      const code = invited.code === partyId ? undefined : invited.code
      await this.#talks.prepare(partyId, secret)
      const joined = await plane.client.joinParty(partyId, this.#self(), code)
      await this.#enter(joined, { code, secret, admission: code === undefined ? 'id' : 'code', plane: where })
      try {
        await this.#talks.demandProof()
      } catch (error) {
        await plane.client.leaveParty(partyId).catch(() => {})
        await this.#forget(undefined)
        throw error
      }
      return this.ticket()
    })
  }

  /** For good: whoever leaves as the host ends it, unless it was made otherwise. It is left also where the control plane does not answer. */
  leaveParty(): Promise<void> {
    return this.#leave((client, partyId) => client.leaveParty(partyId))
  }

  /** For all. Rejects with PartyError `not-the-host`. */
  endParty(): Promise<void> {
    return this.#leave(async (client, partyId) => client.endParty(partyId), { mustBeDone: true })
  }

  /** Takes another one out; the host may. */
  removePeer(peerId: string): Promise<void> {
    return this.#inTurn(async () => {
      const { id, plane } = this.#identity.demandMembership()
      using opened = this.#planeAt(addressOf(plane))
      await this.#history.removing(peerId, opened.client.leaveParty(id, peerId))
    })
  }

  getPartyStatus(): PartyStatus {
    const party = this.#party.value
    if (!party || !this.#link) return { status: 'no_party', why: this.#why }
    const { natType, publicIp, publicPort } = this.#facts
    return {
      status: 'in_party',
      party,
      peer_count: this.#members.party?.members.size ?? 0,
      nat_info: { nat_type: natType, public_ip: publicIp ?? null, public_port: publicPort ?? null },
      mode: this.#link.mode,
      plane: this.#link.address,
      ticket: this.ticket(),
      recent: this.#history.recent,
    }
  }

  /** Throws PartyError `no-party`. */
  ticket(): PartyTicket {
    const membership = this.#identity.demandMembership()
    return ticketOf(membership, addressOf(membership.plane) ?? this.#options.ownAddress())
  }

  async tell(facts: Partial<OwnFacts>): Promise<void> {
    this.#facts = { ...this.#facts, ...facts }
    await this.#link?.update()
  }

  say(peerId: string, word: MemberWord): void {
    this.#talks.say(peerId, word)
  }

  may(peerId: string, label: MemberWord['type']): boolean {
    return this.#talks.may(peerId, label)
  }

  renew(peerId: string): void {
    this.#talks.renew(peerId)
  }

  /** Why nothing is said with a member, where the party's code is the reason. */
  doubtOf(peerId: string): MemberDoubt | undefined {
    return this.#talks.doubtOf(peerId)
  }

  listen(listener: MemberListener): Unsubscribe {
    return this.#talks.listen(listener)
  }

  async openTunnel(): ReturnType<PartyMembership['openTunnel']> {
    if (!this.#link) throw new PartyError('no-party', 'This host is in no party')
    return this.#link.openTunnel()
  }

  async relays(): ReturnType<PartyMembership['relays']> {
    return (await this.#link?.relays()) ?? []
  }

  report(peerId: string, report: PeerReport): void {
    this.#report(peerId, report, { isProbe: false })
  }

  /** What was found by only asking, which counts as long as nobody carries traffic there and reports. */
  probed(peerId: string, report: PeerReport): void {
    this.#report(peerId, report, { isProbe: true })
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #report(peerId: string, report: PeerReport, how: { isProbe: boolean }): void {
    if (this.#members.measured(peerId, report, how)) this.#show()
  }

  #inTurn<T>(deed: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(deed)
    this.#turn = turn.catch(() => {})
    return turn
  }

  #planeAt(address: PlaneAddress | undefined): { client: PlaneClient } & Disposable {
    const { own, wayTo, clock } = this.#options
    const far = address && wayTo(address)
    const client = new PlaneClient({ way: far ?? own.way, peerId: this.me, shelf: this.#identity, clock })
    return { client, [Symbol.dispose]: () => far?.[Symbol.dispose]() }
  }

  async #enter(told: ToldMembership, how: Omit<MembershipOptions, 'me' | 'nowMs'>): Promise<void> {
    const { clock } = this.#options
    const membership = membershipOf(told, { ...how, me: this.me, nowMs: clock.epochMs() })
    this.#identity.setMembership(membership)
    this.#why = undefined
    const link = this.#begin(membership, told)
    await Promise.race([link.settled, sleep(clock, settleMs)])
  }

  #begin(membership: KeptMembership, joined?: ToldMembership): HomeAndLocal {
    const { own, ownAddress, clock, random, log } = this.#options
    const keys = new KnownKeys(membership.keys ?? {}, log)
    this.#members.begin(keys)
    this.#history.begin()
    this.#talks.begin(membership, () => this.#link)
    this.#link = new HomeAndLocal({
      membership,
      joined,
      peerId: this.me,
      self: () => this.#self(),
      own,
      ownAddress,
      planeAt: (address) => this.#planeAt(address),
      neighbours: this.#neighbours,
      clock,
      random,
      log,
      onParty: (step, by) => this.#take(step, by, keys),
      onMode: () => this.#show(),
      onSignal: (peerId, data) => this.#talks.hear(peerId, data),
      onOut: (code, detail) => this.#onOut(code, detail),
    })
    return this.#link
  }

  async #leave(
    tell: (client: PlaneClient, partyId: string) => Promise<void>,
    { mustBeDone } = { mustBeDone: false },
  ): Promise<void> {
    await this.#inTurn(async () => {
      const { id, plane } = this.#identity.demandMembership()
      using opened = this.#planeAt(addressOf(plane))
      try {
        await tell(opened.client, id)
      } catch (error) {
        if (mustBeDone || !(error instanceof PartyError)) throw error
        this.#options.log.info('A party was left, and its control plane does not know yet', { error: error.message })
      }
      await this.#forget(undefined)
    })
  }

  #onOut(code: OutCode, detail: string): void {
    this.#options.log.info('This host is not in its party any more', { code, detail })
    this.#inTurn(() => this.#forget(detail)).catch((error: unknown) =>
      this.#options.log.error('That the party is over cannot be written down', { error: messageOf(error) }),
    )
  }

  async #forget(why: string | undefined): Promise<void> {
    this.#talks.end()
    await this.#link?.leaveLocal()
    this.#link?.close()
    this.#link = undefined
    this.#members.end()
    this.#options.share(undefined)
    this.#why = why
    try {
      this.#identity.setMembership(undefined)
    } finally {
      this.#party.set(undefined)
    }
  }

  #take(step: PartyStep, by: 'home' | 'local', keys: KnownKeys): void {
    if (by === 'home') this.#history.take(step)
    const { party } = step
    const { changed, isNew } = this.#members.take(step)
    if (isNew) this.#keep(keys)
    this.#options.share({ id: party.head.party_id, tell: () => this.#members.tell(party) })
    this.#show()
    this.#talks.follow(changed)
  }

  #keep(keys: KnownKeys): void {
    const { membership } = this.#identity
    if (!membership) return
    try {
      this.#identity.setMembership({ ...membership, keys: keys.known })
    } catch (error) {
      this.#options.log.warn('By which keys members are known cannot be kept', { error: messageOf(error) })
    }
  }

  #show(): void {
    const head = this.#members.party?.head
    if (head) this.#party.set(new Party({ ...head, id: head.party_id }, () => this.#members.all()))
  }

  #self(): PeerInfo {
    return peerInfoOf(this.me, encodeKey(this.#options.keys.publicKey), this.#facts)
  }
}
