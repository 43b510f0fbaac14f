import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Timer } from '../kernel/clock.ts'
import { Ending, type End } from '../kernel/ending.ts'
import { EventBus } from '../kernel/event-bus.ts'
import type { App } from './apps/definition/app.ts'
import { usualProfile } from './apps/defined-app.ts'
import { DeliveryDesk } from './deliveries/delivery-desk.ts'
import type { Ledger } from './contract/ledger.ts'
import { homeOf } from './apps/homes/homes.ts'
import { followApps } from './apps/follow-apps.ts'
import { usualLayout, type KeyboardLayout } from '../domain/keyboard-layout.ts'
import { changedSettings, usualSettings, type LobbyChange, type LobbySettings } from '../domain/lobby-settings.ts'
import type { LayoutOffer } from './display/known-layouts.ts'
import { possibleSize } from './possible-size.ts'
import { printableName } from './printable-name.ts'
import type { HostCounters, OpenHost } from './host-counters.ts'
import { HostError } from './contract/host-error.ts'
import type { HostEvent } from './contract/host-event.ts'
import { defaultLimits, type HostLimits, type HostOptions } from './host-options.ts'
import type { EndedLobby, Lobby } from './contract/lobby.ts'
import type { AppOffer, NewLobby, NewSession } from './contract/host.ts'
import type { AbsentLobby, LobbyRecord } from './contract/lobby-archive.ts'
import { freeProfile } from './lobby/free-profile.ts'
import { DesertedLobbies } from './lobby/deserted-lobbies.ts'
import { EndedLobbies } from './lobby/ended-lobbies.ts'
import { HostedLobby } from './lobby/hosted-lobby.ts'
import { KeptLobbies } from './lobby/kept-lobbies.ts'
import type { LobbyScope, Member, Role } from '../domain/member.ts'
import { MemoryLedger } from './deliveries/memory-ledger.ts'
import type { OwnersSeatWish, SeatId } from '../domain/seat.ts'
import type { SessionContext } from './session/session-context.ts'
import { LiveSession } from './session/live-session.ts'
import { WaitingRooms } from './waiting-room/waiting-rooms.ts'
import type { StreamSession } from './contract/stream-session.ts'

/** The host: who is here, what runs here, and what has to end when. */
export class LiveHost implements OpenHost {
  readonly events: EventBus<HostEvent>
  readonly closed: Promise<End>
  readonly #options: HostOptions
  readonly #limits: HostLimits
  readonly #newId: () => string
  readonly #rooms: WaitingRooms
  readonly #lobbies = new Map<string, HostedLobby>()
  readonly #ended: EndedLobbies
  readonly #kept: KeptLobbies
  /** New lobbies that are being written down. */
  readonly #coming = new Set<HostedLobby>()
  readonly #ledger: Ledger
  readonly #sessions = new Map<string, LiveSession>()
  readonly #deserted: DesertedLobbies
  readonly #idleCheck: Timer
  readonly #context: Omit<SessionContext, 'returnsAnew'>
  readonly #ending: Ending
  #lobbyRecoveries = 0
  #inputsDropped = 0

  constructor(options: HostOptions) {
    const { clock, log, parts, newId = randomId, limits } = options
    this.#options = options
    this.#limits = { ...defaultLimits, ...limits }
    this.#newId = newId
    this.events = new EventBus((error, event) =>
      log.error('A listener of host events failed', { error, event: event.type }),
    )
    this.#ended = new EndedLobbies(clock)
    this.#kept = new KeptLobbies({ archive: options.lobbies, clock, log })
    this.#ledger = options.ledger ?? new MemoryLedger()
    this.#rooms = new WaitingRooms((id, text) => parts.openWaitingRoom(id, text))
    this.#deserted = new DesertedLobbies(clock)
    this.#idleCheck = clock.every(this.#limits.idleCheckMs, () => this.#endIdleSessions())
    this.#context = this.#openContext()
    const followed = followApps(options.apps, (event) => this.events.emit(event))
    this.#ending = new Ending(() => {
      followed()
      return this.#end()
    })
    this.closed = this.#ending.closed
  }

  get apps(): readonly AppOffer[] {
    return this.#options.apps.value.map(({ id, title, unavailable }) => ({ id, title, unavailable }))
  }

  get layouts(): readonly LayoutOffer[] {
    return this.#options.parts.layouts
  }

  get lobbies(): ReadonlyMap<string, Lobby> {
    return this.#lobbies
  }

  get absentLobbies(): ReadonlyMap<string, AbsentLobby> {
    return this.#kept.absent
  }

  get endedLobbies(): readonly EndedLobby[] {
    return this.#ended.list()
  }

  get sessions(): ReadonlyMap<string, StreamSession> {
    return this.#sessions
  }

  get counters(): HostCounters {
    return { lobbyRecoveries: this.#lobbyRecoveries, inputsDropped: this.#inputsDropped }
  }

  async createLobby(options: NewLobby): Promise<Lobby> {
    this.#refuseWhenClosing('create a lobby')
    const { appId, profile, ...settings } = options
    const app = this.#runnableApp(appId)
    this.#refuseUnknown(settings.layout)
    const lobby = this.#newLobby({
      id: this.#newId(),
      appId,
      profile: this.#profileOf(app, profile),
      settings,
      seats: [],
      createdAtMs: this.#options.clock.epochMs(),
    })
    this.#coming.add(lobby)
    try {
      await this.#kept.keep(lobby)
    } finally {
      this.#coming.delete(lobby)
    }
    if (this.#ending.begun) this.#kept.forget(lobby)
    this.#refuseWhenClosing('create a lobby')
    return this.#open(lobby)
  }

  async restoreLobbies(): Promise<void> {
    await this.#kept.restore((record) => {
      const lobby = this.#newLobby({ ...record, profile: this.#restoredProfile(record) })
      this.#open(lobby)
      this.#deserted.wait(lobby, this.#limits.emptyLobbyGraceMs)
    })
  }

  async changeLobby(lobbyId: string, change: LobbyChange): Promise<void> {
    const { size, title, layout } = change
    this.#refuseUnknown(layout)
    const lobby = this.#lobby(lobbyId)
    try {
      await lobby.change({
        ...change,
        ...(size && { size: possibleSize(size) }),
        ...(title !== undefined && { title: printableName(title, lobby.settings.value.title) }),
      })
    } finally {
      // A change that failed may have been taken in part. A lobby that has ended meanwhile is forgotten and stays so.
      if (lobby.status.value.status !== 'ended') await this.#kept.keep(lobby)
    }
    if (change.stopWhenEveryoneLeaves !== undefined) this.#deserted.wait(lobby, this.#limits.emptyLobbyGraceMs)
  }

  async changeSeat(lobbyId: string, seat: SeatId, wish: OwnersSeatWish): Promise<void> {
    const lobby = this.#lobby(lobbyId)
    lobby.leases.change(undefined, seat, wish)
    await this.#kept.keep(lobby)
  }

  declineAsker(lobbyId: string, memberId: string): void {
    this.#lobby(lobbyId).asking.decline(memberId)
  }

  async stopLobby(lobbyId: string, reason: string): Promise<void> {
    const absent = this.#kept.absent.get(lobbyId)
    if (absent) return await this.#kept.giveUp(absent)
    await (this.#lobbies.get(lobbyId) ?? this.#lobby(lobbyId)).close(reason)
  }

  createSession(member: Member, { id = this.#newId(), returnsAnew = false }: NewSession = {}): StreamSession {
    this.#refuseWhenClosing('create a session')
    if (this.#sessions.has(id)) {
      throw new HostError('session-exists', 'Cannot resume the session: it has not ended yet')
    }
    // One in sixteen is kept for the owner.
    const { sessions } = this.#limits
    const most = member.role === 'owner' ? sessions : sessions - Math.floor(sessions / 16)
    if (this.#sessions.size >= most) {
      throw new HostError('too-many-sessions', `Cannot create a session: ${this.#sessions.size} exist, the limit here`)
    }
    const session = new LiveSession(id, member, { ...this.#context, returnsAnew })
    this.#sessions.set(id, session)
    this.events.emit({ type: 'StreamSessionCreated', sessionId: id, member })
    return session
  }

  changeRole(memberId: string, role: Role): void {
    for (const session of this.#sessions.values()) {
      if (session.member.id === memberId) session.changeRole(role)
    }
  }

  changeScope(memberId: string, lobbies: LobbyScope): void {
    for (const session of this.#sessions.values()) {
      if (session.member.id === memberId) session.changeScope(lobbies)
    }
  }

  close(reason = 'the host is closing'): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A lobby that nobody knows of yet. Throws when there can be none like it. */
  #newLobby(record: LobbyRecord): HostedLobby {
    const app = this.#runnableApp(record.appId)
    this.#refuseTooManyLobbies()
    const { id, profile } = record
    const before = this.#lobbiesOf(app.id).findLast((lobby) => lobby.profile === profile)
    const { log, runDirectory, dataDirectory } = this.#options
    const lobby: HostedLobby = new HostedLobby({
      random: Math.random,
      ...this.#options,
      ...record,
      settings: this.#settingsOf(app, record.settings),
      app,
      directory: join(runDirectory, id),
      home: homeOf(dataDirectory, app.id, profile),
      homeFree: before?.closed ?? Promise.resolve(),
      ledger: this.#ledger,
      log: log.with({ lobbyId: id }),
      onChange: () => this.events.emit({ type: 'LobbyChanged', lobbyId: id }),
      // Whoever leaves because it has ended changes nothing that is to be kept.
      onSeats: () => {
        if (lobby.status.value.status !== 'ended') this.#kept.keepSoon(lobby)
      },
      onRecovery: () => void this.#lobbyRecoveries++,
    })
    return lobby
  }

  #settingsOf(app: App, wished: LobbyChange): LobbySettings {
    const settings = changedSettings({ ...usualSettings, title: app.title, size: app.size }, wished)
    // A layout that this machine does not have any more is as good as none.
    const layout =
      this.layouts.find(({ name }) => name === settings.layout)?.name ?? this.#options.layout ?? usualLayout
    return {
      ...settings,
      title: printableName(settings.title, app.title),
      size: possibleSize(settings.size),
      layout: app.source.kind === 'display' ? layout : undefined,
    }
  }

  #lobbiesOf(appId: string): readonly HostedLobby[] {
    return [...this.#lobbies.values(), ...this.#coming].filter((lobby) => lobby.appId === appId)
  }

  /** The profile that a lobby gets. That of one that has ended is free: the new one waits until the old one is gone. */
  #profileOf(app: App, asked: string | undefined): string {
    const others = this.#lobbiesOf(app.id).filter(({ status }) => status.value.status !== 'ended')
    const holder = others.find(({ profile }) => profile === asked)
    if (holder) {
      const message = `Cannot open a lobby: "${holder.settings.value.title}" has the profile "${asked}" of ${app.title} now`
      throw new HostError('profile-in-use', message)
    }
    const usual = app.source.kind === 'display' ? app.source.profile : undefined
    return asked ?? freeProfile(usual ?? usualProfile, new Set(others.map(({ profile }) => profile)))
  }

  /** Lobbies of one app that come from before there were profiles had one home together. */
  #restoredProfile({ appId, profile }: LobbyRecord): string {
    return freeProfile(profile, new Set(this.#lobbiesOf(appId).map((lobby) => lobby.profile)))
  }

  #open(lobby: HostedLobby): Lobby {
    this.#lobbies.set(lobby.id, lobby)
    // At once, not when all of it is gone: a host that is killed meanwhile does not bring it back. One that closes does.
    lobby.status.subscribe(({ status }) => {
      if (status === 'ended' && !this.#ending.begun) this.#kept.forget(lobby)
    })
    this.events.emit({ type: 'CreateLobby', lobbyId: lobby.id })
    lobby.start()
    void lobby.closed.then(() => this.#forget(lobby))
    return lobby
  }

  #refuseTooManyLobbies(): void {
    const absent = this.#kept.absent.size
    const count = this.#lobbies.size + this.#coming.size + absent
    // Asked for anew, since it may change.
    if (count < (this.#options.limits?.lobbies ?? defaultLimits.lobbies)) return
    const among = absent === 0 ? '' : ` (${absent} of them could not come back)`
    throw new HostError('too-many-lobbies', `Cannot open a lobby: ${count} exist${among}, the limit here`)
  }

  #runnableApp(appId: string): App {
    const app = this.#options.apps.value.find(({ id }) => id === appId)
    if (!app) throw new HostError('app-not-found', `Cannot open a lobby: there is no app "${appId}" here`)
    if (app.unavailable !== undefined) {
      throw new HostError('app-unavailable', `Cannot open a lobby: ${app.title} cannot run. ${app.unavailable}`)
    }
    return app
  }

  /** A lobby that has not ended. */
  #refuseUnknown(layout: KeyboardLayout | undefined): void {
    if (layout === undefined || this.layouts.some(({ name }) => name === layout)) return
    throw new HostError(
      'layout-unknown',
      `Cannot use the keyboard layout "${layout}": this machine has none of that name`,
    )
  }

  #lobby(lobbyId: string): HostedLobby {
    const lobby = this.#lobbies.get(lobbyId)
    const status = lobby?.status.value
    const endReason = status?.status === 'ended' ? status.reason : this.#ended.get(lobbyId)?.reason
    if (endReason !== undefined) throw new HostError('lobby-ended', `The lobby has ended: ${endReason}`)
    const absent = this.#kept.absent.get(lobbyId)
    if (absent) throw new HostError('lobby-ended', `The lobby did not come back after a restart: ${absent.reason}`)
    if (!lobby) throw new HostError('lobby-not-found', 'There is no lobby with this id')
    return lobby
  }

  #openContext(): Omit<SessionContext, 'returnsAnew'> {
    return {
      clock: this.#options.clock,
      rooms: this.#rooms,
      desk: new DeliveryDesk({ ledger: this.#ledger, clock: this.#options.clock, log: this.#options.log }),
      gamepads: this.#options.parts.gamepads,
      lobby: (lobbyId) => this.#lobby(lobbyId),
      written: (lobby) => this.#kept.written(lobby),
      emit: (event) => this.events.emit(event),
      left: (lobby, cause) => this.#left(lobby, cause),
      inputDropped: () => void this.#inputsDropped++,
      sessionEnded: (sessionId, cause) => {
        this.#sessions.delete(sessionId)
        this.events.emit({ type: 'StopStream', sessionId, cause })
      },
    }
  }

  /** Ends a lobby that is to stop when everyone leaves, at once or, when its last session may come back, after a while. */
  #left(lobby: HostedLobby, cause: string | undefined): void {
    const mayComeBack = cause === 'disconnected' || cause === 'page-closed'
    this.#deserted.wait(lobby, mayComeBack ? this.#limits.lostViewerGraceMs : 0)
  }

  #forget(lobby: HostedLobby): void {
    const status = lobby.status.value
    const reason = status.status === 'ended' ? status.reason : 'It was stopped'
    this.#deserted.forget(lobby)
    const { id, appId, output } = lobby
    const endedAtMs = this.#options.clock.epochMs()
    this.#ended.add({ id, appId, title: lobby.settings.value.title, reason, endedAtMs, output })
    this.#lobbies.delete(lobby.id)
    const { log } = this.#options
    this.#ledger
      .forgetTexts(id)
      .catch((error: unknown) =>
        log.error('Texts of a lobby that has ended could not be forgotten', { lobbyId: id, error }),
      )
    this.events.emit({ type: 'StopLobby', lobbyId: lobby.id, reason })
  }

  #endIdleSessions(): void {
    for (const session of this.#sessions.values()) {
      if (session.idleMs > this.#limits.idleMs) void session.close('idle')
    }
  }

  async #end(): Promise<void> {
    this.#idleCheck.cancel()
    await Promise.all([...this.#sessions.values()].map((session) => session.close('host-closing')))
    await this.#kept.flush()
    await Promise.all([...this.#lobbies.values()].map((lobby) => lobby.close('The host is closing')))
    await this.#rooms.settled()
  }

  #refuseWhenClosing(what: string): void {
    if (this.#ending.begun) throw new HostError('host-closed', `Cannot ${what}: the host is closing`)
  }
}

/** An id that nobody guesses: 128 random bits in hexadecimal, good for file names and command lines. */
function randomId(): string {
  return randomBytes(16).toString('hex')
}
