import { permits } from '../../domain/party-permission.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { PartyError } from '../../party/contract/party-error.ts'
import type { PartyMembership } from '../../party/contract/party-membership.ts'
import type { MemberWord } from '../../wire/party/members.ts'
import { mostWallApps, mostWallLobbies, type WallCard } from '../../wire/party/wall.ts'
import type { PartyRights } from './party-rights.ts'

/** Changes that come at once are told once. */
const togetherMs = 300
/** What could not be told is tried again. */
const againMs = 1000
const answerMs = 8000
/** Of one peer: stepping in and starting apps. */
const asks = { perSecond: 0.5, burst: 10 }
const mostWaiting = 64
/** As a card is written: less than is told a member at a time. */
const mostCardBytes = 11_000

type Wish = Extract<MemberWord, { readonly type: 'visit' | 'start' | 'ping' }>
type Answer = Extract<MemberWord, { readonly type: 'welcome' | 'refused' | 'pong' }>

/** Where somebody goes who may step in. */
export interface Welcome {
  /** Of the other host's page, with the token in its fragment. */
  readonly page: string
  /** Of its native transport, without a token; undefined where it has none. */
  readonly native: string | undefined
  readonly token: string
  readonly lobbyId: string
}

interface PartyWallOptions {
  readonly membership: PartyMembership
  readonly host: Host
  readonly rights: PartyRights
  /** Where this host's page is. */
  readonly page: () => string
  /** Where its native transport is, without a token; undefined where it has none. */
  readonly native: () => string | undefined
  /** A token for a peer that may watch; undefined for all others. */
  readonly issue: (peerId: string) => string | undefined
  /** Something that is shown is different. */
  readonly onChange: () => void
  readonly clock: Clock
  readonly log: Log
}

interface Waiting {
  readonly isPing: boolean
  readonly settle: (answer: Answer) => void
  readonly fail: (error: PartyError) => void
}

/**
 * One wall with everybody's lobbies: tells each member what it may see here, keeps what they tell, and asks them, or is asked, for a way in.
 */
export class PartyWall implements Disposable {
  readonly #options: PartyWallOptions
  readonly #cards = new Map<string, WallCard>()
  /** What each was told last, as it was written. */
  readonly #told = new Map<string, string>()
  /** What each was asked and has not answered: one way in and one round trip at a time. */
  readonly #waiting = new Map<string, Waiting>()
  /** What is to be asked of each waits for what was asked before. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #paces = new Map<string, TokenBucket>()
  /** How often each was met. */
  readonly #meetings = new Map<string, number>()
  readonly #ends: (() => void)[]
  #wishes = 0
  #telling: Timer | undefined

  constructor(options: PartyWallOptions) {
    this.#options = options
    const { membership, host, rights } = options
    this.#ends = [
      membership.onChange(() => this.#follow()),
      membership.listen({
        met: (peerId) => this.#met(peerId),
        card: (peerId, { card }) => {
          this.#cards.set(peerId, card)
          options.onChange()
        },
        ping: (peerId) => void this.#say(peerId, { type: 'pong' }),
        visit: (peerId, wish) => void this.#welcome(peerId, wish),
        start: (peerId, wish) => void this.#welcome(peerId, wish),
        welcome: (peerId, answer) => this.#answered(peerId, answer),
        refused: (peerId, answer) => this.#answered(peerId, answer),
        pong: (peerId, answer) => this.#answered(peerId, answer),
      }),
      host.events.subscribe(() => this.#tellSoon()),
      rights.changes.subscribe(() => this.#tellSoon()),
    ]
    this.#follow()
  }

  /** What a member shows; undefined where nothing was heard of it yet. */
  cardOf(peerId: string): WallCard | undefined {
    return this.#cards.get(peerId)
  }

  /** A way into a member's lobby. Rejects with PartyError `peer-offline`, `too-many-requests` or `refused`. */
  visit(peerId: string, lobbyId: string): Promise<Welcome> {
    return this.#askFor(peerId, { type: 'visit', lobbyId })
  }

  /** Starts an app there, and tells the way in. Rejects as {@link visit}. */
  start(peerId: string, appId: string): Promise<Welcome> {
    return this.#askFor(peerId, { type: 'start', appId })
  }

  /** How long an answer by way of the control plane takes, in milliseconds. Rejects with PartyError `peer-offline`. */
  async ping(peerId: string): Promise<number> {
    const { clock } = this.#options
    const beganMs = clock.nowMs()
    await this.#ask(peerId, { type: 'ping' })
    return clock.nowMs() - beganMs
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end()
    this.#telling?.cancel()
    const stopping = new PartyError('closed', 'This host is stopping')
    for (const { fail } of this.#waiting.values()) fail(stopping)
  }

  async #askFor(peerId: string, wish: Wish): Promise<Welcome> {
    const card = this.#cards.get(peerId)
    if (!card) throw new PartyError('peer-offline', 'That member shows nothing yet')
    if (this.#wishes >= mostWaiting) throw new PartyError('too-many-requests', 'Too much is asked at once')
    this.#wishes++
    const turn = (this.#turns.get(peerId) ?? Promise.resolve()).catch(() => {}).then(() => this.#ask(peerId, wish))
    this.#turns.set(peerId, turn)
    try {
      const answer = await turn
      if (answer.type === 'welcome')
        return { page: card.page, native: card.native, token: answer.token, lobbyId: answer.lobbyId }
      throw new PartyError('refused', answer.type === 'refused' ? answer.detail : 'That member did not understand')
    } finally {
      this.#wishes--
      if (this.#turns.get(peerId) === turn) this.#turns.delete(peerId)
    }
  }

  #ask(peerId: string, wish: Wish): Promise<Answer> {
    const { clock, membership } = this.#options
    const isPing = wish.type === 'ping'
    const key = waitingKey(peerId, isPing)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const waiting: Waiting = { isPing, settle: resolve, fail: reject }
    const timer = clock.after(answerMs, () => {
      reject(new PartyError('peer-offline', 'That member does not answer'))
      // Its answer may be lost, and nothing more may be asked before it.
      membership.renew(peerId)
    })
    try {
      membership.say(peerId, wish)
      this.#waiting.set(key, waiting)
    } catch (error) {
      reject(error)
    }
    return promise.finally(() => {
      timer.cancel()
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    })
  }

  #answered(peerId: string, answer: Answer): void {
    this.#waiting.get(waitingKey(peerId, answer.type === 'pong'))?.settle(answer)
  }

  /** Nothing of what was said before counts any more. */
  #met(peerId: string): void {
    const lost = new PartyError('peer-offline', 'The connection to that member was lost: try again')
    for (const isPing of [true, false]) this.#waiting.get(waitingKey(peerId, isPing))?.fail(lost)
    this.#told.delete(peerId)
    this.#meetings.set(peerId, (this.#meetings.get(peerId) ?? 0) + 1)
    this.#tellSoon()
  }

  async #welcome(peerId: string, wish: Exclude<Wish, { type: 'ping' }>): Promise<void> {
    const meeting = this.#meetings.get(peerId)
    // What was asked before a member was met anew is not answered: the answer would be taken for one to something else.
    const answer = (word: MemberWord) => void (this.#meetings.get(peerId) === meeting && this.#say(peerId, word))
    const refuse = (detail: string) => answer({ type: 'refused', detail })
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
      answer({ type: 'welcome', token, lobbyId })
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

  /** False where it cannot be said now. */
  #say(peerId: string, word: MemberWord): boolean {
    try {
      this.#options.membership.say(peerId, word)
      return true
    } catch (error) {
      if (!(error instanceof PartyError)) throw error
      return false
    }
  }

  /** Who has left is forgotten, and who has come is told. */
  #follow(): void {
    const here = new Set(this.#options.membership.peers().map(({ id }) => id))
    for (const known of [this.#cards, this.#told, this.#paces, this.#meetings]) {
      for (const peerId of known.keys()) if (!here.has(peerId)) known.delete(peerId)
    }
    this.#tellSoon()
    this.#options.onChange()
  }

  #tellSoon(afterMs = togetherMs): void {
    this.#telling ??= this.#options.clock.after(afterMs, () => {
      this.#telling = undefined
      this.#tell()
    })
  }

  /** Whoever is met later is told then. */
  #tell(): void {
    const { membership } = this.#options
    for (const { id } of membership.peers()) {
      if (!membership.may(id, 'card')) continue
      const card = this.#cardFor(id)
      const text = JSON.stringify(card)
      if (this.#told.get(id) === text) continue
      if (this.#say(id, { type: 'card', card })) this.#told.set(id, text)
      else this.#tellSoon(againMs)
    }
  }

  #cardFor(peerId: string): WallCard {
    const { host, rights, page, native } = this.#options
    const nativeLink = native()
    const may = rights.of(peerId)
    const lobbies = permits(may, 'see') ? [...host.lobbies.values()].slice(-mostWallLobbies) : []
    const apps = permits(may, 'start') ? host.apps.filter(({ unavailable }) => unavailable === undefined) : []
    return fitted({
      page: page(),
      ...(nativeLink !== undefined && { native: nativeLink }),
      may,
      lobbies: lobbies.map((lobby) => {
        const { title, size } = lobby.settings.value
        const { status } = lobby.status.value
        const people = lobby.sessions.length
        return { id: lobby.id, title: title.slice(0, 100), appId: lobby.appId, status, ...size, people }
      }),
      apps: apps.slice(0, mostWallApps).map(({ id, title }) => ({ id, title: title.slice(0, 100) })),
    })
  }
}

function waitingKey(peerId: string, isPing: boolean): string {
  return `${isPing ? 'ping' : 'way'} ${peerId}`
}

/** Without the oldest lobbies, and then without the last apps, that are too many to be told: titles may be long in some writings. */
function fitted(card: WallCard): WallCard {
  if (Buffer.byteLength(JSON.stringify(card)) <= mostCardBytes) return card
  const { lobbies, apps } = card
  if (apps.length > lobbies.length) return fitted({ ...card, apps: apps.slice(0, -1) })
  return fitted({ ...card, lobbies: lobbies.slice(1) })
}
