import { Backoff } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { PartyError, type PartyErrorCode } from '../contract/party-error.ts'
import { partyTunnelSubprotocol } from '../../wire/party/tunnel.ts'
import type { PartyMembership, SignalData } from '../contract/party-membership.ts'
import type { PeerInfo, PlaneClient, ToldMembership } from './plane-client.ts'
import { FollowedParty, type Followed, type PartyStep } from './followed-party.ts'
import { openPlaneConversation, type OutHow, type PlaneConversation } from './plane-conversation.ts'

/** Seed 002: heartbeats go on whatever becomes of one of them. */
const heartbeatMs = 30_000
/** So many tries to open the conversation in a row; then it is tried again with each heartbeat. */
const conversationTries = 5
/** Failures in a row of the control plane itself until it is told as lost. */
const triesUntilLost = 3
const waits = { baseDelayMs: 1000, maxDelayMs: 60_000, jitterFactor: 0.3, healthyAfterMs: 60_000 }
/**
 * All of it is asked for once for what was missed at once; in a large party, where each who has missed something asks for all of it, within a second
 * or two.
 */
const refreshMs = 50
const refreshMsPerPeer = 2

/** How a link to a control plane stands. */
export type LinkState = 'connecting' | 'connected' | 'lost'

/** Why a peer is in its party no more. */
export type OutCode = PartyErrorCode | 'removed'

interface PlaneLinkOptions {
  readonly client: PlaneClient
  readonly partyId: string
  readonly peerId: string
  /** What this peer says of itself now. */
  readonly self: () => PeerInfo
  readonly code: string | undefined
  /** What the control plane has answered where the peer is in the party already. */
  readonly joined: ToldMembership | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly onParty: (step: PartyStep) => void
  readonly onState: (state: LinkState) => void
  readonly onSignal: (peerId: string, data: SignalData) => void
  /** This peer is in the party no more. The link has ended with it. */
  readonly onOut: (code: OutCode, detail: string) => void
  /** The control plane does not know the party. */
  readonly onUnknown: () => Promise<void>
}

/**
 * Keeps one peer in one party at one control plane: joins, keeps alive, hears what happens and joins again after anything that was
 * broken, until it is closed. Calls go by HTTP, what happens and signals by a conversation; without that what happens is asked for.
 */
export class PlaneLink {
  readonly #options: PlaneLinkOptions
  readonly #backoff: Backoff
  readonly #ending = new AbortController()
  #state: LinkState = 'connecting'
  #failures = 0
  readonly #followed = new FollowedParty()
  #conversation: PlaneConversation | undefined
  #isOpening = false
  #isRefreshing = false
  /** As long as the peer is in the party there; aborted when that has come to nothing. */
  #stay: AbortController | undefined

  constructor(options: PlaneLinkOptions) {
    this.#options = options
    this.#backoff = new Backoff(waits, options.clock, options.random)
    void this.#run()
  }

  get state(): LinkState {
    return this.#state
  }

  get address(): string {
    return this.#options.client.way.address
  }

  /** Ends it; the peer stays in the party until somebody says otherwise. */
  close(): void {
    this.#ending.abort()
    this.#stay?.abort()
    this.#conversation?.close()
  }

  /** Tells what is different about this peer. Rejects with a PartyError. */
  async update(): Promise<void> {
    const { client, partyId, self } = this.#options
    this.#take(await client.updatePeer(partyId, self()))
  }

  get canSignal(): boolean {
    return this.#conversation?.isOpen ?? false
  }

  /** Throws PartyError `peer-offline` while there is no conversation. */
  signal(to: string, data: SignalData): void {
    if (!this.#conversation?.isOpen) {
      throw new PartyError('peer-offline', 'The control plane cannot be reached now')
    }
    this.#conversation.signal(to, data)
  }

  /** Rejects with a PartyError. */
  async openTunnel(): ReturnType<PartyMembership['openTunnel']> {
    const { way } = this.#options.client
    const token = await this.#options.client.token()
    return { pipe: await way.openSocket(partyTunnelSubprotocol), token, where: way.address }
  }

  /** Rejects with a PartyError. */
  relays(): ReturnType<PartyMembership['relays']> {
    return this.#options.client.relays()
  }

  async #run(): Promise<void> {
    const { client, partyId, self, code, clock } = this.#options
    let { joined } = this.#options
    const { signal } = this.#ending
    while (!signal.aborted) {
      try {
        // Whoever has just made the party or joined it has been told of it.
        const told = (await Promise.resolve(joined)) ?? (await client.joinParty(partyId, self(), code))
        joined = undefined
        if (signal.aborted) return
        this.#failures = 0
        this.#backoff.succeeded()
        this.#take(told)
        this.#become('connected')
        await this.#beThere()
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof PartyError)) throw error
        if (await this.#isOver(error)) return
        // It is there, and may be told of the party yet.
        if (error.code !== 'party-not-found') this.#fail(error)
      }
      await sleep(clock, this.#backoff.failed(), signal).catch(() => {})
    }
  }

  /** Until the peer is not there any more, or the link is closed. Rejects with why the control plane cannot be used. */
  async #beThere(): Promise<void> {
    const { client, partyId, clock } = this.#options
    const stay = new AbortController()
    this.#stay = stay
    void this.#openConversation()
    try {
      while (!stay.signal.aborted) {
        await sleep(clock, heartbeatMs, stay.signal).catch(() => {})
        if (stay.signal.aborted) return
        await client.heartbeat(partyId)
        if (this.#conversation?.isOpen) this.#conversation.heartbeat()
        else {
          void this.#openConversation()
          this.#take(await client.getParty(partyId))
        }
      }
    } finally {
      stay.abort()
      this.#conversation?.close()
      this.#conversation = undefined
    }
  }

  async #openConversation(): Promise<void> {
    const stay = this.#stay
    if (!stay || this.#isOpening) return
    this.#isOpening = true
    const { client, clock, random, log } = this.#options
    const backoff = new Backoff(waits, clock, random)
    try {
      for (let attempt = 1; attempt <= conversationTries && !stay.signal.aborted; attempt++) {
        try {
          const token = await client.token()
          return this.#converse(await client.way.openSocket(), token, stay)
        } catch (error) {
          if (!(error instanceof PartyError)) throw error
          log.debug('A conversation with a control plane cannot begin', { error: error.message })
          await sleep(clock, backoff.failed(), stay.signal).catch(() => {})
        }
      }
    } finally {
      this.#isOpening = false
    }
  }

  #converse(pipe: Parameters<typeof openPlaneConversation>[0]['pipe'], token: string, stay: AbortController): void {
    if (stay.signal.aborted) return pipe.close(1000, 'done')
    const { partyId, peerId, log, onSignal } = this.#options
    const conversation = openPlaneConversation({
      pipe,
      partyId,
      peerId,
      token,
      log,
      onSignal,
      onChange: () => this.#refresh(stay),
      onChanges: (changes) => this.#heard(this.#followed.takeChanges(changes), stay),
      onOut: (how = 'left') => this.#out('removed', outs[how]),
    })
    this.#conversation = conversation
    // What has happened while nobody listened: a control plane that numbers it tells what, or the number.
    const { version } = this.#followed
    if (version) conversation.follow(version)
    else this.#refresh(stay)
    void conversation.closed.then(() => this.#lostConversation(conversation, stay))
  }

  /** The control plane is asked at once whether it is still there. */
  async #lostConversation(conversation: PlaneConversation, stay: AbortController): Promise<void> {
    if (this.#conversation !== conversation || stay.signal.aborted) return
    this.#conversation = undefined
    const { client, partyId } = this.#options
    try {
      await client.heartbeat(partyId)
      await this.#openConversation()
    } catch {
      // The run finds out why, and joins again.
      stay.abort()
    }
  }

  #heard(followed: Followed, stay: AbortController): void {
    if (followed === 'missed') return this.#refresh(stay)
    if (followed !== 'same' && !this.#ending.signal.aborted) this.#options.onParty(followed)
  }

  /** Asks for all of it. */
  #refresh(stay: AbortController): void {
    if (this.#isRefreshing) return
    this.#isRefreshing = true
    const { client, partyId, clock } = this.#options
    clock.after(refreshMs + refreshMsPerPeer * this.#followed.members.size, () => {
      this.#isRefreshing = false
      if (stay.signal.aborted) return
      client.getParty(partyId).then(
        (told) => {
          this.#take(told)
          // It was under way when something newer was heard of.
          if (this.#followed.isBehind) this.#refresh(stay)
        },
        () => stay.abort(),
      )
    })
  }

  #take(told: ToldMembership): void {
    const taken = this.#followed.takeWhole(told)
    if (taken !== 'same' && !this.#ending.signal.aborted) this.#options.onParty(taken)
  }

  #fail(error: PartyError): void {
    this.#options.log.info('A control plane cannot be used now', { address: this.address, error: messageOf(error) })
    if (++this.#failures >= triesUntilLost) this.#become('lost')
  }

  async #isOver({ code, message }: PartyError): Promise<boolean> {
    if (code === 'party-not-found') await this.#options.onUnknown()
    else if (endings.has(code)) this.#out(code, message)
    return this.#ending.signal.aborted
  }

  #out(code: OutCode, detail: string): void {
    this.close()
    this.#options.onOut(code, detail)
  }

  #become(state: LinkState): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onState(state)
  }
}

/** Why a peer is out, for people. */
const outs: Readonly<Record<OutHow, string>> = {
  left: 'This host is not in the party any more',
  removed: 'This host was taken out of the party by its host',
  silent: 'Nothing was heard of this host for too long: it is not in the party any more',
  ended: 'The party is over: its host has ended it, or has left',
}

/** What no further try would change. */
const endings: ReadonlySet<PartyErrorCode> = new Set(['code-required', 'wrong-code', 'not-a-member', 'party-full'])
