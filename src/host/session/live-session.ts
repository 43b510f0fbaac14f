import { Ending, type End } from '../../kernel/ending.ts'
import { Writable, type Readable, type Unsubscribe } from '../../kernel/readable.ts'
import { openMediaSwitch, type MediaSwitch } from '../../media/media-switch.ts'
import type { MediaSink, PictureChoice, Watch, WatchRequest } from '../../media/contract/producer.ts'
import type { Delivered, Delivery } from '../../domain/delivery.ts'
import type { VoiceUnit } from '../../media/contract/voice.ts'
import type { Rumble } from '../../domain/gamepad.ts'
import { HostError } from '../contract/host-error.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import type { Stage } from '../lobby/stage.ts'
import type { LobbyScope, Member, Role } from '../../domain/member.ts'
import { may, mayEnter } from '../../domain/rights.ts'
import type { PointerBatch } from '../../domain/player.ts'
import type { SeatId, SeatWish } from '../../domain/seat.ts'
import type { Observation, Sent, SessionPlace, StreamSession, TextsListener } from '../contract/stream-session.ts'
import { followTexts, LobbyFollowing } from './lobby-following.ts'
import { isSamePlace, placeOf, type Membership } from './membership.ts'
import { asSeen } from './seen-point.ts'
import { SessionDeliveries } from './session-deliveries.ts'
import { SessionInputs } from './session-inputs.ts'
import { SessionDevices } from './session-devices.ts'
import type { SessionContext } from './session-context.ts'
import { waitingRoomText } from '../waiting-room/waiting-room-text.ts'
import type { WaitingRoomLease } from '../waiting-room/waiting-rooms.ts'

/**
 * A stream session as it is. Whose guest it is and what that lobby's state is decide what it is shown; `#settle` brings
 * picture, input and place in line with them, however often and from wherever it is called. All of it happens in one
 * go, so that joins, leaves and ends of lobbies never meet half way.
 */
export class LiveSession implements StreamSession {
  readonly id: string
  readonly closed: Promise<End>
  readonly #house: SessionContext
  #member: Member
  readonly #role: Writable<Role>
  readonly #place: Writable<SessionPlace>
  readonly #switch: MediaSwitch
  readonly #devices: SessionDevices
  readonly #inputs = new SessionInputs({ input: (event) => this.input(event), release: () => this.releaseInput() })
  readonly #ending: Ending
  #membership: Membership = { kind: 'none', reason: 'Choose a lobby to enter', sent: undefined }
  /** Held from the first moment to the last, also while a lobby is shown (seed 001, invariant 1). */
  #room: WaitingRoomLease
  readonly #pointers = new LobbyFollowing<(batch: PointerBatch) => void>((lobby, listener) =>
    lobby.pointers.follow(listener),
  )
  readonly #texts = new LobbyFollowing<TextsListener>(followTexts)
  readonly #deliveries: SessionDeliveries
  readonly #ended = new AbortController()
  #lastActivityMs: number

  constructor(id: string, member: Member, context: SessionContext) {
    this.id = id
    this.#member = member
    this.#role = new Writable(member.role)
    this.#house = context
    this.#devices = new SessionDevices({
      sessionId: id,
      lobby: () => this.#lobbyOnStage(),
      display: () => this.#stage()?.display,
      gamepads: context.gamepads,
      onDropped: () => context.inputDropped(),
    })
    this.#deliveries = new SessionDeliveries({
      sessionId: id,
      clock: context.clock,
      member: () => this.member,
      lobby: () => this.#lobby,
      refuseUnlessPlaying: () => this.#refuseUnlessPlaying('type'),
      changeSeat: (seat, wish) => this.changeSeat(seat, wish),
      askToPlay: (asks) => this.askToPlay(asks),
      written: (lobby) => context.written(lobby),
      signal: this.#ended.signal,
    })
    this.#place = new Writable(placeOf(this.#membership))
    this.#room = context.rooms.enter(this.#roomText())
    this.#switch = openMediaSwitch(this.#room.producer)
    this.#lastActivityMs = context.clock.nowMs()
    this.#ending = new Ending((end) => this.#end(end))
    this.closed = this.#ending.closed
  }

  get member(): Member {
    return { ...this.#member, role: this.#role.value }
  }

  get role(): Readable<Role> {
    return this.#role
  }

  get place(): Readable<SessionPlace> {
    return this.#place
  }

  /** How long nobody has been there, in milliseconds. */
  get idleMs(): number {
    return this.#house.clock.nowMs() - this.#lastActivityMs
  }

  get picture(): PictureChoice {
    return this.#switch
  }

  attach(request: WatchRequest, sink: MediaSink): Watch {
    this.#refuseWhenClosed('feed a viewer')
    this.#house.emit({ type: 'ResumeStream', sessionId: this.id })
    return this.#switch.attach({ ...request, listener: this.id }, sink)
  }

  async join(lobbyId: string): Promise<void> {
    this.#refuseWhenClosed('join a lobby')
    const lobby = this.#enterable(lobbyId)
    if (this.#membership.kind === 'lobby') {
      if (this.#membership.lobby === lobby) return
      const here = this.#membership.lobby.settings.value.title
      throw new HostError(
        'already-in-lobby',
        `Cannot join lobby "${lobby.settings.value.title}": leave "${here}" first`,
      )
    }
    this.#enter(lobby)
  }

  async send(lobbyId: string | undefined, sent: Sent): Promise<void> {
    this.#refuseWhenClosed('send a viewer elsewhere')
    const lobby = lobbyId === undefined ? undefined : this.#enterable(lobbyId)
    if (lobby === this.#lobby) return
    this.#house.emit({ type: 'SendSession', sessionId: this.id, lobbyId, sent })
    const why = sent.reason === undefined ? '' : `: ${sent.reason}`
    const how = { skipProducerSwitch: lobby !== undefined, cause: undefined, sent }
    this.#leaveLobby(`${sent.by} has sent you to the waiting room${why}`, how)
    // A listener may have ended it, or put it elsewhere.
    if (lobby && !this.#ending.begun && !this.#lobby) this.#enter(lobby, sent)
  }

  #enterable(lobbyId: string): HostedLobby {
    const { member } = this
    if (mayEnter(member, lobbyId)) return this.#house.lobby(lobbyId)
    throw new HostError('forbidden', `Cannot join this lobby: the invitation of ${member.name} is for another one`)
  }

  #enter(lobby: HostedLobby, sent?: Sent): void {
    const { member, id: sessionId } = this
    const subscriptions = [lobby.state, lobby.seats].map((changing) => changing.subscribe(() => this.#settle()))
    const unsubscribe = () => {
      for (const end of subscriptions) end()
    }
    this.#membership = { kind: 'lobby', lobby, unsubscribe, sent }
    this.#pointers.enter(lobby)
    lobby.add(sessionId)
    lobby.asking.enter(member.id, sessionId)
    this.#house.emit({ type: 'JoinLobby', sessionId, lobbyId: lobby.id })
    this.#takeSeats(lobby)
    this.#settle()
    // A listener may have undone it.
    this.#texts.enter(this.#lobby)
  }

  async leave(): Promise<void> {
    if (this.#membership.kind === 'none' || this.#ending.begun) return
    this.#leaveLobby(`You left "${this.#membership.lobby.settings.value.title}"`, staying)
  }

  openInput() {
    return this.#inputs.open()
  }

  input(event: InputMessage): void {
    this.touch()
    this.#refuseUnlessPlaying('use keyboard or pointer')
    this.#devices.input(asSeen(event, this.picture.rendition))
  }

  speak(unit: VoiceUnit): void {
    this.touch()
    this.#lobbyOnStage()?.voices.speak({ sessionId: this.id, role: this.#role.value }, unit)
  }

  followPointers(listener: (batch: PointerBatch) => void): Unsubscribe {
    return this.#ending.begun ? () => {} : this.#pointers.add(listener)
  }

  followTexts(listener: TextsListener): Unsubscribe {
    return this.#ending.begun ? () => {} : this.#texts.add(listener)
  }

  async deliver(outbox: string, deliveries: readonly Delivery[]): Promise<Delivered> {
    this.touch()
    this.#refuseWhenClosed('deliver')
    return await this.#house.desk.deliver(this.#deliveries, outbox, deliveries)
  }

  holds(seat: SeatId): boolean {
    return this.#devices.holds(seat)
  }

  changeSeat(seat: SeatId, wish: SeatWish): void {
    this.#refuseWhenClosed('change a seat')
    const { role } = this.member
    this.#refuseUnlessPlaying('have a seat')
    if (isOwners(wish) && !may(role, 'manage-seats')) {
      throw new HostError('forbidden', `Cannot ${wish.do} a seat as ${role}: only the owner may`)
    }
    if (this.#membership.kind === 'none') throw new HostError('not-in-lobby', 'Cannot change a seat outside of a lobby')
    this.#membership.lobby.leases.change(this.id, seat, wish)
  }

  askToPlay(asks: boolean): void {
    this.#refuseWhenClosed('ask to play')
    const { id: memberId, name, role } = this.member
    if (this.#membership.kind === 'none') throw new HostError('not-in-lobby', 'Cannot ask to play outside of a lobby')
    const { lobby } = this.#membership
    if (!asks) return lobby.asking.withdraw(memberId)
    if (may(role, 'play')) return
    if (lobby.seats.value.length === 0) throw new HostError('seat-not-found', 'Cannot ask to play: this app only shows')
    lobby.asking.ask({ memberId, name }, this.id)
  }

  releaseInput(): void {
    this.#devices.releaseAll()
  }

  onRumble(listener: (pad: number, rumble: Rumble) => void): Unsubscribe {
    return this.#devices.onRumble(listener)
  }

  async writeClipboard(text: string): Promise<void> {
    this.touch()
    this.#refuseUnlessPlaying('copy to the app')
    await this.#devices.writeClipboard(text)
  }

  onCopy(listener: (text: string) => void): Unsubscribe {
    return this.#devices.onCopy(listener)
  }

  /** From now on its member may do what the role may: who may not play any more lets everything go. */
  changeRole(role: Role): void {
    if (this.#ending.begun || role === this.#role.value) return
    this.#role.set(role)
    if (this.#membership.kind === 'lobby') {
      const { lobby } = this.#membership
      if (may(role, 'play')) this.#takeSeats(lobby)
      else lobby.removePlayer(this.id, { lost: false })
      lobby.voices.changeRole(this.id, role)
    }
    this.#settle()
    this.#house.emit({ type: 'ChangeRole', sessionId: this.id, role })
  }

  /** Who may not be in its lobby any more goes to the waiting room. */
  changeScope(lobbies: LobbyScope): void {
    this.#member = { ...this.#member, lobbies }
    const here = this.#lobby
    if (!here || mayEnter(this.member, here.id)) return
    this.#leaveLobby(`You may not be in "${here.settings.value.title}" any more`, staying)
  }

  touch(): void {
    this.#lastActivityMs = this.#house.clock.nowMs()
  }

  observe(observation: Observation): void {
    if (!this.#ending.begun) this.#house.emit({ type: 'SessionObserved', sessionId: this.id, observation })
  }

  close(reason = 'disconnected'): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** In the order of the seed: out of the lobby without a switch that nobody would see, streams, waiting room. */
  async #end(end: End): Promise<void> {
    const cause = end.kind === 'clean' ? end.reason : end.error.message
    this.#ended.abort(new HostError('session-closed', 'The session has ended'))
    if (this.#membership.kind === 'lobby') this.#leaveLobby(cause, { skipProducerSwitch: true, cause })
    this.#pointers.close()
    this.#texts.close()
    const streamsGone = this.#switch.close()
    const roomGone = this.#room.release()
    this.#house.sessionEnded(this.id, cause)
    await streamsGone
    await roomGone
  }

  #leaveLobby(
    reason: string,
    how: { readonly skipProducerSwitch: boolean; readonly cause: string | undefined; readonly sent?: Sent },
  ): void {
    if (this.#membership.kind === 'none') return
    const { lobby, unsubscribe } = this.#membership
    const { skipProducerSwitch, cause, sent } = how
    unsubscribe()
    this.#membership = { kind: 'none', reason, sent }
    this.#pointers.enter(undefined)
    this.#texts.enter(undefined)
    lobby.remove(this.id, { lost: cause !== undefined && losses.has(cause) })
    this.#devices.leave()
    this.#house.emit({ type: 'LeaveLobby', sessionId: this.id, lobbyId: lobby.id, skipProducerSwitch })
    if (!skipProducerSwitch) this.#settle()
    this.#house.left(lobby, cause)
  }

  #settle(): void {
    if (this.#ending.begun) return
    if (this.#membership.kind === 'lobby') {
      const { lobby } = this.#membership
      const state = lobby.state.value
      if (state.status === 'ended') {
        const reason = `"${lobby.settings.value.title}" has ended: ${state.reason}`
        return this.#leaveLobby(reason, staying)
      }
    }
    const stage = this.#stage()
    this.#devices.settle(may(this.member.role, 'play'))
    this.#show(stage)
    const place = placeOf(this.#membership)
    if (!isSamePlace(place, this.#place.value)) this.#place.set(place)
  }

  /** What can be seen of the lobby now. */
  #stage(): Stage | undefined {
    if (this.#membership.kind === 'none') return undefined
    const state = this.#membership.lobby.state.value
    return state.status === 'running' ? state.stage : undefined
  }

  /** The lobby that it has joined. */
  get #lobby(): HostedLobby | undefined {
    return this.#membership.kind === 'lobby' ? this.#membership.lobby : undefined
  }

  /** Its lobby while that can be seen and played. */
  #lobbyOnStage(): HostedLobby | undefined {
    return this.#stage() && this.#lobby
  }

  /** Who may play gets the seats that were kept for them, unless a listener of the join has undone it. */
  #takeSeats(lobby: HostedLobby): void {
    const { id: sessionId, member } = this
    if (!may(member.role, 'play') || this.#lobby !== lobby) return
    lobby.addPlayer({
      sessionId,
      memberId: member.id,
      name: member.name,
      role: member.role,
      isOwner: may(member.role, 'manage-seats'),
      returnsAnew: this.#house.returnsAnew,
      isBusy: (seat) => this.#devices.isBusy(seat),
    })
  }

  /** Switches to the stage's producer, or to a waiting room that says why there is none. */
  #show(stage: Stage | undefined): void {
    let left: WaitingRoomLease | undefined
    if (!stage) {
      left = this.#room
      this.#room = this.#house.rooms.enter(this.#roomText())
    }
    const producer = stage ? stage.producer : this.#room.producer
    if (producer !== this.#switch.target.value) {
      this.#switch.to(producer)
      this.#house.emit({ type: 'SwitchStreamProducer', sessionId: this.id, producerId: producer.id })
    }
    void left?.release()
  }

  #roomText() {
    const place = placeOf(this.#membership)
    const title = this.#membership.kind === 'lobby' ? this.#membership.lobby.settings.value.title : 'Porchlight'
    return waitingRoomText(title, place.kind === 'waiting-room' ? place.reason : '')
  }

  #refuseUnlessPlaying(what: string): void {
    const { role } = this.member
    if (may(role, 'play')) return
    throw new HostError('input-forbidden', `Cannot ${what}: a ${role} may only watch`)
  }

  #refuseWhenClosed(what: string): void {
    if (this.#ending.begun) throw new HostError('session-closed', `Cannot ${what}: the session has ended`)
  }
}

/** Ends of a session after which it may come back by its resume ticket, or to a host that was started again. */
const losses: ReadonlySet<string> = new Set(['disconnected', 'page-closed', 'idle', 'host-closing'])

/** How a session leaves a lobby that goes on itself. */
const staying = { skipProducerSwitch: false, cause: undefined } as const

function isOwners(wish: SeatWish): boolean {
  return wish.do !== 'request' && wish.do !== 'release' && wish.do !== 'hand-over'
}
