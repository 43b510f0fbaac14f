import type { WebSocket } from 'ws'
import type { Host } from '../../../host/contract/host.ts'
import type { Member } from '../../../domain/member.ts'
import type { SessionPlace, StreamSession } from '../../../host/contract/stream-session.ts'
import { BoundedBuffer } from '../../../kernel/bounded-buffer.ts'
import { CodedError, messageOf } from '../../../kernel/coded-error.ts'
import type { Unsubscribe } from '../../../kernel/readable.ts'
import {
  signalProtocolVersion,
  type ClientMessage,
  type IceServer,
  type Place,
  type ServerMessage,
} from '../../../wire/signal/messages.ts'
import { BrowserGatewayError } from '../gateway-error.ts'
import { SessionPath } from '../../../viewer/session-path.ts'
import { PeerLane } from '../viewer/peer-lane.ts'
import type { ViewerContext } from '../viewer/viewer-context.ts'
import type { MediaTickets } from '../../../conversation/return/media-tickets.ts'
import { WebMediaLane, type MediaGrant } from '../web-media/web-media-lane.ts'
import { PlainTexts } from '../../../conversation/lanes/plain-texts.ts'
import { ClipboardLane } from '../../../conversation/lanes/clipboard-lane.ts'
import { DeliveryLane } from '../../../conversation/lanes/delivery-lane.ts'
import { defaultLobby } from '../../../conversation/default-lobby.ts'
import type { ResumeTickets } from '../../../conversation/return/resume-tickets.ts'
import { Resumption } from '../../../conversation/return/resumption.ts'
import {
  causeOfSessionEnd,
  closeCodeOf,
  errorCodeOf,
  reasonOf,
  sessionCauseOf,
  type EndCause,
} from '../../../conversation/end-cause.ts'
import { SeatNotices } from '../../../conversation/lanes/seat-notices.ts'
import { SignalSocket, type SignalHandlers } from './signal-socket.ts'
import { stayOf } from '../../../conversation/return/stay.ts'
import { SignalWatch, type SignalWatchOptions } from '../../../conversation/signal-watch.ts'
import { VoiceNotices } from '../../../conversation/lanes/voice-notices.ts'

export interface SignalConversationOptions {
  readonly host: Host
  readonly member: Member
  readonly socket: WebSocket
  readonly context: ViewerContext
  readonly tickets: ResumeTickets
  readonly mediaTickets: MediaTickets<MediaGrant>
  readonly iceServers: readonly IceServer[]
  readonly watch: SignalWatchOptions
}

const pingPeriodMs = 15_000
/** What waits while a lost session is being fetched. */
const inboxCapacity = 256

/** Ends whose cause a client's program has to know, beside the code that its socket is closed with. */
const told: ReadonlySet<EndCause['kind']> = new Set([
  'fault',
  'session-ended',
  'shut-out',
  'surrendered',
  'gateway-closed',
])

type Refusal = 'error' | 'offer-refused'

/** A message that waits for those before it. */
interface Turn {
  readonly take: () => void | Promise<void>
  readonly refusal: Refusal
}

/** The conversation on one signalling socket: its session, and the viewer that shows it. */
export class SignalConversation {
  /** Resolves when socket, viewer and session are gone. */
  readonly ended: Promise<void>
  readonly #options: SignalConversationOptions
  readonly #socket: SignalSocket
  readonly #watch: SignalWatch
  readonly #inbox = new BoundedBuffer<Turn>({ mode: 'fifo', capacity: inboxCapacity, policy: 'error' })
  readonly #peer: PeerLane
  readonly #clipboard: ClipboardLane
  readonly #deliveries: DeliveryLane
  readonly #webMedia: WebMediaLane
  readonly #seats: SeatNotices
  readonly #resumption: Resumption
  readonly #voices: VoiceNotices
  readonly #settleEnded: () => void
  #cause: EndCause | undefined
  #session: StreamSession
  /** The client has said nothing yet of where it wants to be. */
  #isExpectingLobby = true
  #isPinging = false
  #stopFollowing: Unsubscribe = () => {}

  /** Takes a session that has just been made for the member. */
  constructor(options: SignalConversationOptions, session: StreamSession) {
    const { clock } = options.context
    const isPlain = options.socket.protocol === ''
    this.#options = options
    this.#session = session
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    this.#settleEnded = resolve
    this.#watch = new SignalWatch(options.watch)
    this.#clipboard = new ClipboardLane({ send: (message) => this.#socket.say(message) })
    this.#deliveries = new DeliveryLane({
      clock,
      log: options.context.log,
      session: () => this.#session,
      send: (message) => this.#socket.say(message),
    })
    const media = {
      context: options.context,
      session: () => this.#session,
      say: (message: ServerMessage) => this.#socket.say(message),
      fault: (code: string, message: string) => this.#fault(code, message),
      path: new SessionPath({ observe: (observation) => this.#session.observe(observation) }),
    }
    this.#webMedia = new WebMediaLane({ ...media, tickets: options.mediaTickets })
    const texts = new PlainTexts({ ...options.context, session: () => this.#session })
    this.#peer = new PeerLane({
      ...media,
      isPlain,
      isPassedOn: () => this.#webMedia.viewer?.open === true,
      onText: (text) => texts.receive(text),
    })
    this.#resumption = new Resumption({
      ...options,
      isPlain,
      session: () => this.#session,
      letGo: () => this.#stopFollowing(),
      use: (now) => {
        this.#session = now
      },
      isEnded: () => this.#cause !== undefined,
      end: (cause) => this.end(cause),
      refuse: (error) => this.#refuse(error),
    })
    const say = (message: ServerMessage) => this.#socket.say(message)
    this.#seats = new SeatNotices({ host: options.host, clock, say })
    this.#voices = new VoiceNotices({ host: options.host, clock, say })
    this.#socket = new SignalSocket(options.socket, clock, this.#watch, {
      fault: (code, message) => this.#fault(code, message),
      plain: (message) => this.#receivePlain(message),
      lost: () => {
        this.#watch.lost()
        void this.end({ kind: 'lost' })
      },
      gone: () => void this.end({ kind: 'page-closed' }),
      revoked: () => void this.end({ kind: 'revoked' }),
    })
  }

  /** As they are now. */
  get member(): Member {
    return this.#session.member
  }

  /** Those that show the session now: two while it moves from one path to the other. */
  get viewers(): readonly { readonly open: boolean; readonly targetBps: number }[] {
    return [this.#peer.viewer, this.#webMedia.viewer].filter((viewer) => viewer !== undefined)
  }

  /** Greets the client and begins to listen. */
  begin(): void {
    const { context, iceServers, member } = this.#options
    const { clock } = context
    this.#socket.listen(this.#handlers())
    const resumeToken = this.#resumption.issueToken()
    this.#socket.send('ready', {
      ...(this.#socket.isPlain ? { id: resumeToken } : { id: this.#session.id, resumeToken }),
      protocolVersion: signalProtocolVersion,
      conversation: this.#options.watch.plan.fingerprint,
      iceServers: [...iceServers],
      role: member.role,
      memberId: member.id,
      webMedia: true,
    })
    this.#follow(this.#session)
    const pings = clock.every(pingPeriodMs, () => this.#ping())
    void this.ended.then(() => pings.cancel())
    void this.#work()
  }

  /** Ends it, whatever the reason; the first one counts. Resolves when everything is gone. */
  end(cause: EndCause): Promise<void> {
    if (!this.#cause) {
      this.#cause = cause
      void this.#release(cause)
    }
    return this.ended
  }

  /**
   * Some clients of seed 003 ask for their session only when they have another one, and by its id: it is told to be the one that
   * they have. Whether the message is dealt with.
   */
  #receivePlain(message: ClientMessage): boolean {
    if (message.type !== 'reconnect' || this.#cause) return false
    const isAskedFor = this.#watch.may('received', 'reconnect') || this.#watch.may('sent', 'reconnect-ack')
    if (isAskedFor) return false
    const isOwn = this.#resumption.isCurrent(message.sessionId)
    this.#socket.sendAside({
      type: 'reconnect-ack',
      success: isOwn,
      historyRecovered: isOwn,
      sessionId: isOwn ? message.sessionId : this.#resumption.currentToken,
    })
    return true
  }

  /** Keep-alive is answered at once; the rest in order, one after the other. */
  #handlers(): SignalHandlers {
    const peer = this.#peer
    const webMedia = this.#webMedia
    const clipboard = this.#clipboard
    return {
      ping: this.#atOnce(({ timestamp }) => this.#socket.send('pong', { timestamp })),
      pong: this.#atOnce(() => {
        this.#isPinging = false
      }),
      reconnect: this.#inTurn((message) => this.#resume(message)),
      offer: this.#inTurn(({ signal }) => {
        this.#enterDefaultLobby()
        peer.answer(signal.sdp)
      }, 'offer-refused'),
      candidate: this.#inTurn(({ candidate }) => peer.candidate(candidate)),
      join: this.#inTurn(({ lobbyId }) => this.#go(() => this.#session.join(lobbyId))),
      lead: this.#inTurn(() => this.#enterDefaultLobby()),
      leave: this.#inTurn(() => this.#go(() => this.#session.leave())),
      deliver: this.#inTurn((message) => void this.#deliveries.deliver(message)),
      limit: this.#inTurn(({ bitrateBps }) => {
        webMedia.limit(bitrateBps)
        peer.limit(bitrateBps)
      }),
      'web-media': this.#inTurn((wish) => {
        this.#enterDefaultLobby()
        webMedia.ask(wish)
      }),
      'clipboard-follow': this.#inTurn(({ on }) => clipboard.follow(on)),
      'clipboard-write': this.#inTurn((part) => clipboard.write(part)),
      'clipboard-taken': this.#inTurn(() => clipboard.taken()),
      bye: this.#inTurn(() => void this.end({ kind: 'left' })),
    }
  }

  #atOnce<Message>(handle: (message: Message) => void): (message: Message) => void {
    return (message) => {
      if (this.#cause) return
      this.#session.touch()
      handle(message)
    }
  }

  /** `refusal` says that it could not be done. */
  #inTurn<Message>(handle: (message: Message) => void | Promise<void>, refusal: Refusal = 'error') {
    return this.#atOnce((message: Message) => {
      this.#resumption.confirmToken()
      try {
        this.#inbox.put({ take: () => handle(message), refusal })
      } catch (error) {
        this.#fault('flood', messageOf(error))
      }
    })
  }

  /** One ping is under way at a time: who does not answer is not asked again, and runs out of time. */
  #ping(): void {
    if (this.#isPinging) return
    this.#isPinging = true
    this.#socket.send('ping', { timestamp: this.#options.context.clock.nowMs() })
  }

  async #work(): Promise<void> {
    for await (const { take, refusal } of this.#inbox) {
      if (this.#cause) return
      try {
        await take()
      } catch (error) {
        this.#refuseOrFault(error, refusal)
      }
    }
  }

  async #resume(asked: Extract<ClientMessage, { type: 'reconnect' }>): Promise<void> {
    const answer = await this.#resumption.resume(asked)
    if (!answer) return
    this.#socket.say(answer)
    if (answer.success) {
      this.#isExpectingLobby = false
      this.#follow(this.#session)
    }
  }

  /** Not awaited: whoever waits for a lobby can still say other things. */
  #go(move: () => Promise<void>): void {
    this.#isExpectingLobby = false
    move().catch((error: unknown) => this.#refuse(error))
  }

  /** Whoever wants to be led, or media, and has not said to where, gets a lobby (seed 003). */
  #enterDefaultLobby(): void {
    if (!this.#isExpectingLobby) return
    this.#isExpectingLobby = false
    const lobbyId = defaultLobby(this.#options.host, this.#session.member)
    if (lobbyId !== undefined) this.#go(() => this.#session.join(lobbyId))
  }

  /** Tells where the session is, now and at every change, and ends with it. */
  #follow(session: StreamSession): void {
    const tell = (place: SessionPlace) => this.#socket.send('place', { place: toWire(place) })
    const unsubscribes = [
      session.place.subscribe(tell),
      session.onRumble((pad, rumble) => this.#socket.send('rumble', { pad, ...rumble })),
      session.role.subscribe((role) => this.#socket.send('role', { role })),
    ]
    this.#clipboard.use(session)
    tell(session.place.value)
    const lanes = [this.#seats, this.#voices, this.#deliveries]
    unsubscribes.push(...lanes.map((lane) => lane.follow(session)))
    let follows = true
    this.#stopFollowing = () => {
      follows = false
      for (const unsubscribe of unsubscribes) unsubscribe()
    }
    void session.closed.then((end) => {
      if (follows) void this.end(causeOfSessionEnd(end))
    })
  }

  /** What was asked cannot be done, or should never have been asked. */
  #refuseOrFault(error: unknown, refusal: Refusal): void {
    const isFault =
      error instanceof BrowserGatewayError && (error.code === 'sdp-malformed' || error.code === 'sdp-too-large')
    if (isFault) this.#fault(error.code, error.message)
    else this.#refuse(error, refusal)
  }

  #refuse(error: unknown, refusal: Refusal = 'error'): void {
    const { log } = this.#options.context
    const code = error instanceof CodedError ? error.code : 'internal'
    if (code === 'internal') log.error('A signalling message failed', { sessionId: this.#session.id, error })
    const message = code === 'internal' ? 'The host failed to do this' : messageOf(error)
    this.#socket.send(refusal, { code, message })
  }

  #fault(code: string, message: string): void {
    void this.end({ kind: 'fault', code, message })
  }

  async #release(cause: EndCause): Promise<void> {
    const { context, member, tickets } = this.#options
    const session = this.#session
    const stay = stayOf(session)
    this.#stopFollowing()
    this.#inbox.close()
    this.#clipboard.close()
    this.#deliveries.close()
    if (cause.kind === 'fault') {
      const { code, message } = cause
      context.counters.faults++
      session.observe({ kind: 'fault', code, message })
      context.log.warn('A browser broke the protocol', { sessionId: session.id, memberId: member.id, code, message })
    }
    if (told.has(cause.kind)) {
      this.#socket.send('error', { code: errorCodeOf(cause), message: reasonOf(cause) })
    }
    if (cause.kind === 'lost' || cause.kind === 'page-closed') tickets.keep(session.id, stay)
    else tickets.drop(session.id)
    this.#socket.close(closeCodeOf(cause), reasonOf(cause))
    await Promise.all([
      this.#peer.close(cause.kind),
      this.#webMedia.close(cause.kind),
      session.close(sessionCauseOf(cause)),
      this.#socket.closed,
    ])
    this.#watch.keep(session.id)
    this.#settleEnded()
  }
}

function toWire(place: SessionPlace): Place {
  const sent = place.sent && { sent: place.sent }
  if (place.kind === 'lobby') return { kind: 'lobby', lobbyId: place.lobbyId, ...sent }
  const { lobbyId, reason } = place
  return { kind: 'waiting-room', reason, ...(lobbyId === undefined ? {} : { lobbyId }), ...sent }
}
