import type { GatewayName } from '../domain/gateway-name.ts'
import type { Member } from '../domain/member.ts'
import type { Host } from '../host/contract/host.ts'
import type { StreamSession } from '../host/contract/stream-session.ts'
import type { Clock } from '../kernel/clock.ts'
import { CodedError, messageOf } from '../kernel/coded-error.ts'
import { Ending } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { signalProtocolVersion, type ClientMessage } from '../wire/signal/messages.ts'
import type { Lane, LaneHandlers, SignalHandlers } from './contract/lane.ts'
import type { MediaDoor, MediaDoorContext } from './contract/media-door.ts'
import { wireIceServers, type OfferedIceServers } from './contract/offered-ice-servers.ts'
import type { Pipe } from '../kernel/pipe.ts'
import {
  causeOfPipeEnd,
  causeOfSessionEnd,
  closeCodeOf,
  farewellOf,
  mayReturnAfter,
  reasonOf,
  sessionCauseOf,
  type EndCause,
} from './end-cause.ts'
import { FollowedSession } from './lanes/followed-session.ts'
import { KeepAlive } from './keep-alive.ts'
import { ClipboardLane } from './lanes/clipboard-lane.ts'
import { DeliveryLane } from './lanes/delivery-lane.ts'
import { ownLane } from './lanes/own-lane.ts'
import { PlaceLane } from './lanes/place-lane.ts'
import { ShapeLane } from './lanes/shape-lane.ts'
import { seatLane } from './lanes/seat-lane.ts'
import { voiceLane } from './lanes/voice-lane.ts'
import { Resumption } from './return/resumption.ts'
import type { ReturnDesk } from './return/return-desk.ts'
import { whereaboutsOf } from './return/whereabouts.ts'
import { SignalPeer } from './signal-peer.ts'
import { SignalMonitor, type SignalMonitorOptions } from './signal-monitor.ts'
import { Turns } from './turns.ts'

export interface SignalConversationOptions<Media extends MediaDoor> {
  readonly host: Host
  readonly member: Member
  readonly pipe: Pipe
  /** The client knows the messages of seed 003 and is told nothing else. */
  readonly isPlain: boolean
  readonly openMedia: (context: MediaDoorContext) => Media
  readonly desk: ReturnDesk
  /** As they are when it begins, and whenever the client asks again. */
  readonly iceServers: () => OfferedIceServers
  readonly watch: SignalMonitorOptions
  readonly clock: Clock
  readonly log: Log
  /** By which way in the client came, for operators. */
  readonly gateway: GatewayName
  /** The client has broken the protocol. */
  readonly onFault: () => void
}

/** What a client is told of what it asked for and cannot have. */
type Refusal = 'error' | 'offer-refused'

/** A conversation with one client: the session that it is about, what is told of it, and the media that shows it. */
export class SignalConversation<Media extends MediaDoor = MediaDoor> {
  /** Resolves when pipe, media and session are gone. */
  readonly ended: Promise<unknown>
  readonly media: Media
  readonly #options: SignalConversationOptions<Media>
  readonly #watch: SignalMonitor
  readonly #peer: SignalPeer
  readonly #turns = new Turns()
  readonly #session: FollowedSession
  readonly #resumption: Resumption
  readonly #keepAlive: KeepAlive
  readonly #places: PlaceLane
  readonly #clipboard: ClipboardLane
  readonly #deliveries: DeliveryLane
  readonly #shapes: ShapeLane
  readonly #lanes: readonly Lane[]
  readonly #ending = new Ending(() => this.#release())
  #cause: EndCause | undefined

  /** Takes a session that has just been made for the member. */
  constructor(options: SignalConversationOptions<Media>, session: StreamSession) {
    const { host, clock, log, desk } = options
    this.#options = options
    this.ended = this.#ending.closed
    this.#watch = new SignalMonitor(options.watch)
    this.#peer = new SignalPeer({
      ...options,
      watch: this.#watch,
      onPlain: (message) => this.#answerLate(message),
      onFault: (code, message) => this.#fault(code, message),
      onGone: (end) => this.#gone(causeOfPipeEnd(end)),
    })
    const speech = this.#peer
    const now = () => this.#session.now
    this.#keepAlive = new KeepAlive({ clock, speech })
    this.#places = new PlaceLane({ host, speech, refuse: (error) => this.#refuse(error) })
    this.#clipboard = new ClipboardLane(speech)
    this.#deliveries = new DeliveryLane({ clock, log, speech, session: now })
    this.#shapes = new ShapeLane({ clock, speech, session: now })
    this.#lanes = [
      this.#places,
      ownLane(speech),
      this.#clipboard,
      seatLane({ host, clock, speech }),
      voiceLane({ host, clock, speech }),
      this.#deliveries,
    ]
    this.#session = new FollowedSession(session, {
      lanes: this.#lanes,
      onEnd: (end) => void this.end(causeOfSessionEnd(end)),
    })
    this.#resumption = new Resumption({
      ...options,
      tickets: desk.sessions,
      session: this.#session,
      isEnded: () => this.#ending.begun,
      end: (kind) => this.end({ kind }),
      refuse: (error) => this.#refuse(error),
    })
    this.media = options.openMedia({
      session: now,
      say: (message) => speech.say(message.type === 'stats' ? this.#shapes.inStats(message) : message),
      fault: (code, message) => this.#fault(code, message),
    })
  }

  /** As they are now. */
  get member(): Member {
    return this.#session.now.member
  }

  /** Greets the client and begins to listen. */
  begin(): void {
    const { iceServers, member, watch } = this.#options
    this.#peer.listen(this.#handlers())
    this.#peer.send('ready', {
      ...this.#resumption.introduce(),
      protocolVersion: signalProtocolVersion,
      conversation: watch.plan.fingerprint,
      ...wireIceServers(iceServers()),
      role: member.role,
      memberId: member.id,
      webMedia: this.media.givesTickets,
      ...(this.media.isNative && { native: true }),
    })
    this.#session.follow()
    void this.#turns.work()
  }

  /** Ends it, whatever the reason; the first one counts. Resolves when everything is gone. */
  end(cause: EndCause): Promise<void> {
    this.#cause ??= cause
    return this.#ending.close(cause.kind)
  }

  /** Keep-alive is answered at once; the rest in order, one after the other. */
  #handlers(): SignalHandlers {
    const media = this.media.handlers
    return {
      ...this.#atOnce(this.#keepAlive.handlers),
      ...this.#inTurn({
        ...this.#places.handlers,
        ...this.#deliveries.handlers,
        ...this.#clipboard.handlers,
        ...this.#shapes.handlers,
        'ice-servers': () => this.#peer.send('ice-servers', wireIceServers(this.#options.iceServers())),
        ...media,
        'web-media': (wish) => {
          this.#places.lead()
          return media['web-media'](wish)
        },
        reconnect: (asked) => this.#resume(asked),
        bye: () => void this.end({ kind: 'left' }),
      }),
      ...this.#inTurn(
        {
          offer: (offer) => {
            this.#places.lead()
            return media.offer(offer)
          },
        },
        'offer-refused',
      ),
    }
  }

  /** Whoever says something is there. */
  #atOnce<Label extends keyof SignalHandlers>(handlers: LaneHandlers<Label>): Pick<SignalHandlers, Label> {
    return wrapped(handlers, (handle) => {
      if (this.#ending.begun) return
      this.#session.now.touch()
      void handle()
    })
  }

  /** `refusal` says that it could not be done. */
  #inTurn<Label extends keyof SignalHandlers>(
    handlers: LaneHandlers<Label>,
    refusal: Refusal = 'error',
  ): Pick<SignalHandlers, Label> {
    const queued = wrapped(handlers, (take) => {
      this.#resumption.confirmToken()
      try {
        this.#turns.add({ take, failed: (error) => this.#refuse(error, refusal) })
      } catch (error) {
        this.#fault('flood', messageOf(error))
      }
    })
    return this.#atOnce(queued)
  }

  async #resume(asked: Extract<ClientMessage, { type: 'reconnect' }>): Promise<void> {
    const answer = await this.#resumption.resume(asked)
    if (!answer) return
    this.#peer.say(answer)
    if (!answer.success) return
    this.#places.stay()
    this.#session.follow()
  }

  /** Some clients of seed 003 ask for their session only when they have another one. Whether the message is dealt with. */
  #answerLate(message: ClientMessage): boolean {
    if (message.type !== 'reconnect' || this.#ending.begun) return false
    const isInTime = this.#watch.may('received', 'reconnect') || this.#watch.may('sent', 'reconnect-ack')
    if (!isInTime) this.#peer.sendAside(this.#resumption.answerLate(message))
    return !isInTime
  }

  #refuse(error: unknown, refusal: Refusal = 'error'): void {
    const code = error instanceof CodedError ? error.code : 'internal'
    if (code === 'internal') {
      this.#options.log.error('A signalling message failed', { sessionId: this.#session.now.id, error })
    }
    const message = code === 'internal' ? 'The host failed to do this' : messageOf(error)
    this.#peer.send(refusal, { code, message })
  }

  #gone(cause: EndCause): void {
    if (cause.kind === 'lost') this.#watch.lost()
    void this.end(cause)
  }

  #fault(code: string, message: string): void {
    void this.end({ kind: 'fault', code, message })
  }

  async #release(): Promise<void> {
    const { desk, pipe } = this.#options
    const cause = this.#cause ?? { kind: 'lost' }
    const session = this.#session.now
    const stay = whereaboutsOf(session)
    this.#session.letGo()
    this.#turns.close()
    this.#keepAlive.close()
    for (const lane of this.#lanes) lane.close()
    if (cause.kind === 'fault') this.#record(cause, session)
    const farewell = farewellOf(cause)
    if (farewell) this.#peer.send('error', farewell)
    if (mayReturnAfter(cause)) desk.sessions.keep(session.id, stay, session.closed)
    else desk.sessions.drop(session.id)
    pipe.close(closeCodeOf(cause), reasonOf(cause))
    await Promise.all([this.media.close(cause.kind), session.close(sessionCauseOf(cause)), pipe.closed])
    this.#watch.keep(session.id)
  }

  #record({ kind, code, message }: Extract<EndCause, { kind: 'fault' }>, session: StreamSession): void {
    const { gateway, log, member, onFault } = this.#options
    onFault()
    session.observe({ kind, code, message, gateway })
    log.warn('A client broke the protocol', { sessionId: session.id, memberId: member.id, code, message })
  }
}

/** Handlers of the same messages, each of which is dealt with by `call`, now or later. */
function wrapped<Label extends keyof SignalHandlers>(
  handlers: LaneHandlers<Label>,
  call: (handle: () => void | Promise<void>) => void,
): Pick<SignalHandlers, Label> & LaneHandlers<Label> {
  const entries = Object.entries(handlers as Record<string, (message: unknown) => void | Promise<void>>)
  return Object.fromEntries(
    entries.map(([label, handle]) => [label, (message: unknown) => call(() => handle(message))]),
  ) as Pick<SignalHandlers, Label> & LaneHandlers<Label>
}
