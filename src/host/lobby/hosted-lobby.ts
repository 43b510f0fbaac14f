import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import type { Clock } from '../../kernel/clock.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import type { Still } from '../../media/contract/still.ts'
import type { GrantAppAccess } from '../contract/app-access.ts'
import type { App } from '../apps/definition/app.ts'
import type { Ledger } from '../contract/ledger.ts'
import type { Display } from '../display/contract/display.ts'
import { changedSettings, type LobbyChange, type LobbySettings } from '../../domain/lobby-settings.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import { sameSize } from '../../domain/size.ts'
import { HostError, type HostErrorCode } from '../contract/host-error.ts'
import type { HostParts } from '../contract/host-parts.ts'
import type { Lobby, LobbyStatus } from '../contract/lobby.ts'
import type { NewPlayer, Player } from '../../domain/player.ts'
import { AppOutput } from '../run/app-output.ts'
import type { LimitName } from '../../domain/run-limit.ts'
import { LobbyAskers } from '../seats/lobby-askers.ts'
import { type Asker, seatIds, type KeptSeat, type Seat } from '../../domain/seat.ts'
import { LobbySeats, type Occupant } from '../seats/lobby-seats.ts'
import { LobbyTexts } from './lobby-texts.ts'
import { LobbyVoices } from '../voice/lobby-voices.ts'
import { Pointers } from './pointers.ts'
import { statusOf, type LobbyState } from './lobby-state.ts'
import { openStage, type Stage } from './stage.ts'
import { supervise, type StageView } from './supervise.ts'

/** How a lobby's stage is opened again when it broke. */
export const recoveryPolicy: BackoffPolicy = {
  baseDelayMs: 250,
  maxDelayMs: 5000,
  jitterFactor: 0.3,
  healthyAfterMs: 60_000,
}

export interface LobbyOptions {
  readonly id: string
  readonly app: App
  readonly profile: string
  readonly settings: LobbySettings
  /** Seats as they were before a restart of the host. */
  readonly seats: readonly KeptSeat[]
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number
  readonly parts: HostParts
  /** Does not exist yet; made for each run and removed after it. */
  readonly directory: string
  readonly home: string
  /** Resolves when the lobby is gone that had the home before. */
  readonly homeFree: Promise<unknown>
  /** Where what is said in it is written down. */
  readonly ledger: Ledger
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly grantAppAccess?: GrantAppAccess
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Something that others see of it has changed. */
  readonly onChange: () => void
  /** Seats changed, which are written down without anybody's waiting for it. */
  readonly onSeats: () => void
  /** Its stage is being opened again. */
  readonly onRecovery: () => void
}

/** A lobby as its host sees it. Its stage is supervised: it is opened again when it breaks, and the lobby ends with its app. */
export class HostedLobby implements Lobby, Closable {
  readonly id: string
  readonly appId: string
  readonly profile: string
  readonly fps: number
  readonly createdAtMs: number
  readonly status: Readable<LobbyStatus>
  readonly closed: Promise<End>
  readonly output: AppOutput
  readonly leases: LobbySeats
  readonly asking: LobbyAskers
  readonly pointers: Pointers
  readonly texts: LobbyTexts
  readonly voices: LobbyVoices
  readonly #options: LobbyOptions
  readonly #settings: Writable<LobbySettings>
  readonly #state: Writable<LobbyState>
  readonly #members: string[] = []
  readonly #stop = new AbortController()
  readonly #ending: Ending
  /** What is open now, also while its picture is away. */
  #stage: Stage | undefined
  #supervision: Promise<void> = Promise.resolve()

  constructor(options: LobbyOptions) {
    const { app } = options
    this.#options = options
    this.id = options.id
    this.appId = app.id
    this.profile = options.profile
    this.fps = app.fps
    this.createdAtMs = options.createdAtMs
    this.output = new AppOutput(options.clock)
    this.#settings = new Writable(options.settings)
    this.pointers = new Pointers(options.clock)
    this.texts = new LobbyTexts({ lobbyId: options.id, ledger: options.ledger, log: options.log })
    this.voices = new LobbyVoices({
      clock: options.clock,
      choice: options.settings.voice,
      microphone:
        app.source.kind === 'display' && app.source.sound !== undefined && options.parts.openSound !== undefined,
    })
    this.leases = new LobbySeats({
      clock: options.clock,
      ids: app.source.kind === 'display' ? seatIds : [],
      seating: options.settings.seating,
      kept: options.seats,
      onChange: () => {
        options.onSeats()
        options.onChange()
      },
    })
    this.#settings.subscribe(({ seating, voice }) => {
      this.leases.setSeating(seating)
      this.voices.choose(voice)
    })
    this.asking = new LobbyAskers({ clock: options.clock, onChange: options.onChange })
    this.#state = new Writable<LobbyState>({ status: 'starting', reason: `${app.title} is starting` })
    this.status = statusOf(this.#state)
    this.#ending = new Ending((end) => this.#end(end))
    this.closed = this.#ending.closed
  }

  get settings(): Readable<LobbySettings> {
    return this.#settings
  }

  /** Like {@link status}, with the stage while it can be shown. */
  get state(): Readable<LobbyState> {
    return this.#state
  }

  get resizable(): boolean {
    return this.#stage?.display?.server === 'Xvnc'
  }

  get sound(): SoundLayout | undefined {
    const { app, parts } = this.#options
    if (this.#stage) return this.#stage.sound
    return app.source.kind === 'display' ? parts.openSound && app.source.sound : app.source.tone
  }

  get unheldLimits(): readonly LimitName[] {
    return this.#stage?.unheldLimits ?? []
  }

  get seats(): Readable<readonly Seat[]> {
    return this.leases.view
  }

  get askers(): Readable<readonly Asker[]> {
    return this.asking.view
  }

  get players(): Readable<readonly Player[]> {
    return this.pointers.players
  }

  get sessions(): readonly string[] {
    return [...this.#members]
  }

  async still(): Promise<Still | undefined> {
    const state = this.#state.value
    return state.status === 'running' ? state.stage.producer.still() : undefined
  }

  /** Begins to open the stage. To be called once. */
  start(): void {
    void this.texts.read()
    const { source } = this.#options.app
    this.#supervision = supervise({
      onExit: (source.kind === 'display' ? source.rules?.onExit : undefined) ?? 'end',
      open: () => this.#open(),
      backoff: new Backoff(recoveryPolicy, this.#options.clock, this.#options.random),
      clock: this.#options.clock,
      log: this.#options.log,
      signal: this.#stop.signal,
      onView: (view) => this.#show(view),
    })
  }

  add(sessionId: string): void {
    this.#members.push(sessionId)
    this.#options.onChange()
  }

  /** `lost`: the session may come back to its seats. */
  remove(sessionId: string, how: { readonly lost: boolean }): void {
    const index = this.#members.indexOf(sessionId)
    if (index === -1) return
    this.#members.splice(index, 1)
    this.removePlayer(sessionId, how)
    this.asking.leave(sessionId, how)
    this.voices.leave(sessionId)
    this.#options.onChange()
  }

  /** One of its sessions may play, or may do so in another role than before. */
  addPlayer(player: Occupant & NewPlayer): void {
    this.asking.withdraw(player.memberId)
    this.pointers.enter(player)
    this.leases.enter(player)
  }

  /** Whoever may not play any more has no seat, and no pointer that others see. */
  removePlayer(sessionId: string, how: { readonly lost: boolean }): void {
    this.leases.leave(sessionId, how)
    this.pointers.leave(sessionId)
  }

  /** Rejects with HostError `resize-unsupported`, `layout-unsupported` or `change-failed`. */
  async change({ size, layout, ...change }: LobbyChange): Promise<void> {
    const display = this.#stage?.display
    const onDisplay = this.#options.app.source.kind === 'display'
    if (size && (!onDisplay || display?.server === 'Xvfb')) {
      throw this.#refusal('resize-unsupported', 'its size is fixed')
    }
    if (layout && !onDisplay) throw this.#refusal('layout-unsupported', 'its app has no keyboard')
    // Before there is a display the wish is kept, and the display made or changed to it.
    if (size) {
      if (display) await display.resize(size).catch((error: unknown) => this.#failure(error))
      this.#change({ size: display?.size.value ?? size })
    }
    if (layout) {
      if (display) await display.setLayout(layout).catch((error: unknown) => this.#failure(error))
      this.#change({ layout })
    }
    this.#change(change)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #open(): Promise<Stage> {
    await this.#options.homeFree
    this.#stop.signal.throwIfAborted()
    const stage = await openStage({
      ...this.#options,
      lobbyId: this.id,
      settings: this.#settings.value,
      output: this.output,
      onProgress: (reason) => this.#enter(this.#away(reason)),
      signal: this.#stop.signal,
    })
    this.#stage = stage
    if (stage.display) await this.#catchUp(stage.display)
    return stage
  }

  /** Applies what was wished for while the display was being opened, and follows what it has from then on. */
  async #catchUp(display: Display): Promise<void> {
    const { size, layout } = this.#settings.value
    try {
      if (!sameSize(size, display.size.value)) await display.resize(size)
      if (layout && layout !== display.layout.value) await display.setLayout(layout)
    } catch (error) {
      this.#options.log.warn('A new display did not take the wished size or layout', { error })
    }
    this.#change({ size: display.size.value, layout: display.layout.value })
    display.size.subscribe((now) => this.#change({ size: now }))
    display.layout.subscribe((now) => this.#change({ layout: now }))
  }

  #show(view: StageView): void {
    switch (view.kind) {
      case 'down':
        this.#stage = undefined
        this.voices.use(undefined)
        this.output.note(view.reason)
        this.#options.onRecovery()
        return this.#enter(this.#away(view.reason))
      case 'hidden':
        return this.#enter(this.#away(view.reason))
      case 'shown':
        this.voices.use({ port: view.stage.producer.voices, microphone: view.stage.microphone })
        return this.#enter({ status: 'running', stage: view.stage })
      case 'over':
        return void this.close(view.reason)
    }
  }

  /** Nothing to see: still starting when there never was anything. */
  #away(reason: string): LobbyState {
    return { status: this.#state.value.status === 'starting' ? 'starting' : 'recovering', reason }
  }

  #enter(state: LobbyState): void {
    const before = this.#state.value
    if (before.status === 'ended' || isSame(before, state)) return
    this.#state.set(state)
    this.#options.onChange()
  }

  #change(change: LobbyChange): void {
    const settings = changedSettings(this.#settings.value, change)
    if (settings === this.#settings.value) return
    this.#settings.set(settings)
    this.#options.onChange()
  }

  async #end(end: End): Promise<void> {
    const reason = end.kind === 'clean' ? end.reason : messageOf(end.error)
    this.output.note(reason)
    this.#enter({ status: 'ended', reason })
    this.#stage = undefined
    this.leases.close()
    this.asking.close()
    this.pointers.close()
    this.texts.close()
    this.voices.close()
    this.#stop.abort(new HostError('lobby-ended', `The lobby "${this.#settings.value.title}" has ended`))
    await this.#supervision
  }

  #refusal(code: HostErrorCode, why: string, cause?: unknown): HostError {
    return new HostError(code, `Cannot change the lobby "${this.#settings.value.title}": ${why}`, { cause })
  }

  /** An error of the display as one of the host. */
  #failure(error: unknown): never {
    const unsupported = error instanceof CodedError && error.code === 'resize-unsupported'
    throw this.#refusal(unsupported ? 'resize-unsupported' : 'change-failed', messageOf(error), error)
  }
}

function isSame(a: LobbyState, b: LobbyState): boolean {
  if (a.status === 'running') return b.status === 'running' && a.stage === b.stage
  return b.status !== 'running' && a.status === b.status && a.reason === b.reason
}
