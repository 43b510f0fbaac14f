import * as v from 'valibot'
import { permits } from '../../domain/party-permission.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { PartyError } from '../../party/contract/party-error.ts'
import type { PartyMembership } from '../../party/contract/party-membership.ts'
import {
  mostWallApps,
  mostWallLobbies,
  wallMessage,
  wallTopic,
  type WallCard,
  type WallMessage,
} from '../../wire/party/wall.ts'
import type { PartyRights } from './party-rights.ts'

/** Changes that come at once are told once. */
const togetherMs = 300
/** What was lost on the way is told again. */
const lookMs = 10_000
const answerMs = 8000
/** Of one peer: stepping in and starting apps. */
const asks = { perSecond: 0.5, burst: 10 }
const mostWaiting = 64

/** Where somebody goes who may step in. */
export interface Welcome {
  /** Of the other host's page, with the token in its fragment. */
  readonly page: string
  readonly token: string
  readonly lobbyId: string
}

interface PartyWallOptions {
  readonly membership: PartyMembership
  readonly host: Host
  readonly rights: PartyRights
  /** Where this host's page is. */
  readonly page: () => string
  /** A token for a peer that may watch; undefined for all others. */
  readonly issue: (peerId: string) => string | undefined
  /** Something that is shown is different. */
  readonly onChange: () => void
  readonly clock: Clock
  readonly log: Log
}

interface Waiting {
  readonly peerId: string
  readonly settle: (message: WallMessage) => void
}

/**
 * One wall with everybody's lobbies: tells each member what it may see here, keeps what they tell, and asks them, or is asked, for a way in.
 */
export class PartyWall implements Disposable {
  readonly #options: PartyWallOptions
  readonly #cards = new Map<string, WallCard>()
  /** What each was told last, as it was written. */
  readonly #told = new Map<string, string>()
  readonly #waiting = new Map<number, Waiting>()
  readonly #paces = new Map<string, TokenBucket>()
  readonly #ends: (() => void)[]
  #asked = 0
  #telling: Timer | undefined

  constructor(options: PartyWallOptions) {
    this.#options = options
    const { membership, host, rights, clock } = options
    const looking = clock.every(lookMs, () => this.#look())
    this.#ends = [
      () => looking.cancel(),
      membership.onChange(() => this.#follow()),
      membership.onSignal(wallTopic, (peerId, data) => this.#hear(peerId, data)),
      host.events.subscribe(() => this.#tellSoon()),
      rights.changes.subscribe(() => this.#tellSoon()),
    ]
    this.#follow()
  }

  /** What a member shows; undefined where nothing was heard of it yet. */
  cardOf(peerId: string): WallCard | undefined {
    return this.#cards.get(peerId)
  }

  /** A way into a member's lobby. Rejects with PartyError `peer-offline` or `refused`. */
  visit(peerId: string, lobbyId: string): Promise<Welcome> {
    return this.#askFor(peerId, (ask) => ({ type: 'visit', ask, lobbyId }))
  }

  /** Starts an app there, and tells the way in. Rejects as {@link visit}. */
  start(peerId: string, appId: string): Promise<Welcome> {
    return this.#askFor(peerId, (ask) => ({ type: 'start', ask, appId }))
  }

  /** How long an answer by way of the control plane takes, in milliseconds. Rejects with PartyError `peer-offline`. */
  async ping(peerId: string): Promise<number> {
    const { clock } = this.#options
    const beganMs = clock.nowMs()
    await this.#ask(peerId, (ask) => ({ type: 'ping', ask }))
    return clock.nowMs() - beganMs
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end()
    this.#telling?.cancel()
    for (const { settle } of this.#waiting.values())
      settle({ type: 'refused', ask: 0, detail: 'This host is stopping' })
  }

  async #askFor(peerId: string, message: (ask: number) => WallMessage): Promise<Welcome> {
    const page = this.#cards.get(peerId)?.page
    if (page === undefined) throw new PartyError('peer-offline', 'That member shows nothing yet')
    const answer = await this.#ask(peerId, message)
    if (answer.type === 'welcome') return { page, token: answer.token, lobbyId: answer.lobbyId }
    throw new PartyError('refused', answer.type === 'refused' ? answer.detail : 'That member did not understand')
  }

  #ask(peerId: string, message: (ask: number) => WallMessage): Promise<WallMessage> {
    const { clock } = this.#options
    if (this.#waiting.size >= mostWaiting) throw new PartyError('too-many-requests', 'Too much is asked at once')
    const { promise, resolve, reject } = Promise.withResolvers<WallMessage>()
    const ask = ++this.#asked
    const timer = clock.after(answerMs, () => reject(new PartyError('peer-offline', 'That member does not answer')))
    this.#waiting.set(ask, { peerId, settle: resolve })
    try {
      this.#say(peerId, message(ask))
    } catch (error) {
      reject(error)
    }
    return promise.finally(() => {
      timer.cancel()
      this.#waiting.delete(ask)
    })
  }

  #say(peerId: string, message: WallMessage): void {
    this.#options.membership.signal(peerId, wallTopic, message)
  }

  #hear(peerId: string, data: unknown): void {
    const read = v.safeParse(wallMessage, data)
    if (!read.success) return
    const message = read.output
    switch (message.type) {
      case 'card':
        this.#cards.set(peerId, message.card)
        return this.#options.onChange()
      case 'show':
        this.#told.delete(peerId)
        return this.#tellSoon()
      case 'ping':
        return this.#answer(peerId, { type: 'pong', ask: message.ask })
      case 'visit':
      case 'start':
        return void this.#welcome(peerId, message)
      case 'welcome':
      case 'refused':
      case 'pong': {
        const waiting = this.#waiting.get(message.ask)
        if (waiting?.peerId === peerId) waiting.settle(message)
      }
    }
  }

  async #welcome(peerId: string, wish: Extract<WallMessage, { type: 'visit' | 'start' }>): Promise<void> {
    const { ask } = wish
    const refuse = (detail: string) => this.#answer(peerId, { type: 'refused', ask, detail })
    if (!this.#mayAsk(peerId)) return refuse('Slower: try again in a few seconds')
    const { host, rights, issue, log } = this.#options
    if (!permits(rights.of(peerId), wish.type === 'start' ? 'start' : 'watch')) {
      log.info('A member of the party was refused', { peerId, what: wish.type })
      return refuse('The owner of that host does not let you do this')
    }
    try {
      const lobbyId = wish.type === 'start' ? (await host.createLobby({ appId: wish.appId })).id : wish.lobbyId
      if (!host.lobbies.has(lobbyId)) return refuse('That lobby has ended')
      const token = issue(peerId)
      if (token === undefined) return refuse('The owner of that host does not let you in')
      log.info('A member of the party steps in', { peerId, lobbyId, what: wish.type })
      this.#answer(peerId, { type: 'welcome', ask, token, lobbyId })
    } catch (error) {
      refuse(messageOf(error).slice(0, 500))
    }
  }

  #mayAsk(peerId: string): boolean {
    const nowMs = this.#options.clock.nowMs()
    const pace = this.#paces.get(peerId) ?? new TokenBucket({ ...asks, nowMs })
    this.#paces.set(peerId, pace)
    return pace.take(nowMs)
  }

  #answer(peerId: string, message: WallMessage): void {
    try {
      this.#say(peerId, message)
    } catch (error) {
      if (!(error instanceof PartyError)) throw error
    }
  }

  /** Who has left is forgotten, and who has come is told. */
  #follow(): void {
    const here = new Set(this.#options.membership.peers().map(({ id }) => id))
    for (const known of [this.#cards, this.#told, this.#paces]) {
      for (const peerId of known.keys()) if (!here.has(peerId)) known.delete(peerId)
    }
    this.#tellSoon()
    this.#options.onChange()
  }

  #tellSoon(): void {
    this.#telling ??= this.#options.clock.after(togetherMs, () => {
      this.#telling = undefined
      this.#tell()
    })
  }

  #tell(): void {
    for (const { id } of this.#options.membership.peers()) {
      const card = this.#cardFor(id)
      const text = JSON.stringify(card)
      if (this.#told.get(id) === text) continue
      try {
        this.#say(id, { type: 'card', card })
        this.#told.set(id, text)
      } catch (error) {
        if (!(error instanceof PartyError)) throw error
      }
    }
  }

  #look(): void {
    this.#tell()
    for (const { id } of this.#options.membership.peers()) {
      if (!this.#cards.has(id)) this.#answer(id, { type: 'show' })
    }
  }

  #cardFor(peerId: string): WallCard {
    const { host, rights, page } = this.#options
    const may = rights.of(peerId)
    const lobbies = permits(may, 'see') ? [...host.lobbies.values()].slice(-mostWallLobbies) : []
    const apps = permits(may, 'start') ? host.apps.filter(({ unavailable }) => unavailable === undefined) : []
    return {
      page: page(),
      may,
      lobbies: lobbies.map((lobby) => {
        const { title, size } = lobby.settings.value
        const { status } = lobby.status.value
        const people = lobby.sessions.length
        return { id: lobby.id, title: title.slice(0, 100), appId: lobby.appId, status, ...size, people }
      }),
      apps: apps.slice(0, mostWallApps).map(({ id, title }) => ({ id, title: title.slice(0, 100) })),
    }
  }
}
