import type { ServerResponse } from 'node:http'
import type { Clock } from '../../kernel/clock.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Host } from '../../host/contract/host.ts'
import type { HostEvent } from '../../host/contract/host-event.ts'
import type { Member } from '../../domain/member.ts'
import { may, mayEnter } from '../../domain/rights.ts'
import type { SessionRecords } from '../../observe/session-records.ts'
import type { PartyChange } from '../../wire/api/party.ts'
import type { ApiEvent } from '../../wire/api/resources.ts'
import type { LiveSettings } from '../config/live-settings.ts'
import type { LiveConnections } from '../auth/live-connections.ts'
import type { Shares } from './shares.ts'
import type { AppCatalogue } from '../apps/app-catalogue.ts'
import { EventHistory, type HistoryLimits, type ToldEvent } from './event-history.ts'
import { EventStream } from './event-stream.ts'
import { appView, lobbyView, sessionView } from './views.ts'

/**
 * Tells every client what changes from now on, or since it was cut off; what is there already it asks for once its
 * stream is open. What changes many times in one turn of the event loop is told once.
 */
export class EventFeed implements Disposable {
  readonly #host: Host
  readonly #catalogue: Pick<AppCatalogue, 'entries'>
  readonly #records: SessionRecords
  readonly #connections: LiveConnections
  readonly #shares: Shares
  readonly #clock: Clock
  readonly #history: EventHistory
  readonly #streams = new Map<EventStream, Member>()
  readonly #changedApps = new Set<string>()
  readonly #changedLobbies = new Set<string>()
  readonly #changedSessions = new Set<string>()
  readonly #unsubscribe: readonly Unsubscribe[]
  #flush: NodeJS.Immediate | undefined

  constructor(options: {
    host: Host
    apps: Pick<AppCatalogue, 'entries'>
    records: SessionRecords
    connections: LiveConnections
    shares: Shares
    settings: Pick<LiveSettings, 'events'>
    clock: Clock
    /** Of letters and digits, another one at each start; see {@link EventHistory}. */
    name: string
    limits?: HistoryLimits
  }) {
    this.#host = options.host
    this.#catalogue = options.apps
    this.#records = options.records
    this.#connections = options.connections
    this.#shares = options.shares
    this.#clock = options.clock
    this.#history = new EventHistory(options.name, options.limits)
    this.#unsubscribe = [
      this.#host.events.subscribe((event) => this.#handle(event)),
      options.settings.events.subscribe(({ setting }) => this.#tell({ type: 'setting', setting }, undefined)),
    ]
  }

  /** Streams that are open now. */
  get size(): number {
    return this.#streams.size
  }

  /**
   * Begins a stream for a member, where he was cut off if he says so by `lastEventId`. Throws ApiError
   * `too-many-streams` or `busy`.
   */
  open(options: {
    member: Member
    response: ServerResponse
    headers: Readonly<Record<string, string>>
    lastEventId: string | undefined
  }): void {
    const { member, response, headers, lastEventId } = options
    const giveBack = this.#shares.take('event-streams', member)
    const stream = new EventStream({
      response,
      headers,
      clock: this.#clock,
      lastId: () => this.#history.lastId,
      onEnd: () => {
        this.#streams.delete(stream)
        giveBack()
        leave()
      },
    })
    const leave = this.#connections.add(member, () => stream.close())
    this.#streams.set(stream, member)
    const missed = lastEventId === undefined ? [] : this.#history.since(lastEventId, (told) => maySee(member, told))
    if (!missed) return stream.reset()
    for (const told of missed) stream.send(told)
    stream.stand()
  }

  /** Whether anybody listens who may know of parties. */
  get isHeardOfParties(): boolean {
    return this.#streams.values().some(({ role }) => may(role, 'manage-party'))
  }

  /** Tells something of the party, and does not remember it: whoever was cut off asks for all of it again. */
  tellOfParty(change: PartyChange): void {
    const told = { id: this.#history.lastId, event: { type: 'party', change }, lobbyId: undefined } as const
    for (const [stream, { role }] of this.#streams) if (may(role, 'manage-party')) stream.send(told)
  }

  /** A member has to do with other lobbies from now on: they are told of what they did not see, and not of the rest any more. */
  changeScope(now: Member): void {
    for (const [stream, before] of this.#streams) {
      if (before.id !== now.id) continue
      this.#streams.set(stream, now)
      for (const lobby of this.#host.lobbies.values()) {
        const [isSeen, wasSeen] = [mayEnter(now, lobby.id), mayEnter(before, lobby.id)]
        if (isSeen === wasSeen) continue
        const gone = { type: 'lobby-ended', lobbyId: lobby.id, reason: 'It is not open to you any more' } as const
        const event = isSeen ? ({ type: 'lobby', lobby: lobbyView(lobby, this.#host.sessions) } as const) : gone
        stream.send({ id: this.#history.lastId, event, lobbyId: lobby.id })
      }
    }
  }

  #handle(event: HostEvent): void {
    switch (event.type) {
      case 'AppChanged':
        return this.#changed(this.#changedApps, event.appId)
      case 'AppRemoved':
        return this.#tell({ type: 'app-removed', appId: event.appId }, undefined)
      case 'CreateLobby':
      case 'LobbyChanged':
        return this.#changed(this.#changedLobbies, event.lobbyId)
      case 'SessionObserved':
        if (shownOfSessions.has(event.observation.kind)) this.#changed(this.#changedSessions, event.sessionId)
        return
      case 'StreamSessionCreated':
        return this.#changed(this.#changedSessions, event.sessionId)
      case 'ChangeRole': {
        const lobbyId = this.#host.sessions.get(event.sessionId)?.place.value.lobbyId
        if (lobbyId !== undefined) this.#changed(this.#changedLobbies, lobbyId)
        return this.#changed(this.#changedSessions, event.sessionId)
      }
      case 'JoinLobby':
      case 'LeaveLobby':
        this.#changed(this.#changedLobbies, event.lobbyId)
        return this.#changed(this.#changedSessions, event.sessionId)
      case 'StopLobby':
        return this.#tell({ type: 'lobby-ended', lobbyId: event.lobbyId, reason: event.reason }, event.lobbyId)
      case 'StopStream':
        return this.#tell({ type: 'session-ended', sessionId: event.sessionId }, undefined)
      default:
    }
  }

  #changed(ids: Set<string>, id: string): void {
    ids.add(id)
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined
      for (const appId of this.#changedApps) this.#tellApp(appId)
      for (const lobbyId of this.#changedLobbies) this.#tellLobby(lobbyId)
      for (const sessionId of this.#changedSessions) this.#tellSession(sessionId)
      this.#changedApps.clear()
      this.#changedLobbies.clear()
      this.#changedSessions.clear()
    })
  }

  #tellApp(appId: string): void {
    const entry = this.#catalogue.entries.get(appId)
    if (entry) this.#tell({ type: 'app', app: appView(entry) }, undefined)
  }

  #tellLobby(lobbyId: string): void {
    const lobby = this.#host.lobbies.get(lobbyId)
    if (lobby) this.#tell({ type: 'lobby', lobby: lobbyView(lobby, this.#host.sessions) }, lobbyId)
  }

  #tellSession(sessionId: string): void {
    const session = this.#host.sessions.get(sessionId)
    if (!session) return
    const presence = this.#records.present(sessionId) ?? { startedMs: this.#clock.epochMs(), path: undefined }
    this.#tell({ type: 'session', session: sessionView(session, this.#host.lobbies, presence) }, undefined)
  }

  #tell(event: ApiEvent, lobbyId: string | undefined): void {
    const told = this.#history.add(event, lobbyId)
    for (const [stream, member] of this.#streams) if (maySee(member, told)) stream.send(told)
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    clearImmediate(this.#flush)
    for (const stream of this.#streams.keys()) stream.close()
  }
}

/** What is observed of a session and shown of it: its path, and its picture. */
const shownOfSessions: ReadonlySet<string> = new Set(['path', 'rendition', 'wish', 'adaptation'])

/** What a lobby does is told to whom it is open to, the rest to who manages sessions. */
function maySee(member: Member, { lobbyId }: ToldEvent): boolean {
  return lobbyId === undefined ? may(member.role, 'manage-sessions') : mayEnter(member, lobbyId)
}
