import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import { receiver } from '../../kernel/monitor/conversation-peer.ts'
import { ProtocolViolation } from '../../kernel/monitor/protocol-violation.ts'
import { RecordingMonitor } from '../../kernel/monitor/recording-monitor.ts'
import { goingAway, type Pipe, type PipeMessage } from '../../kernel/pipe.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import type { ViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import {
  decodeRendezvousClient,
  encodeRendezvous,
  rendezvous,
  type RendezvousClientMessage,
  type RendezvousHostMessage,
} from '../../wire/reach/protocol.ts'
import { signalCloseCode } from '../../wire/signal/messages.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { RelayLeases } from './contract/relay-leases.ts'
import { Rendezvous, type RendezvousLine } from './rendezvous.ts'

export interface RendezvousDeskOptions {
  readonly viewerProcess: Pick<ViewerProcesses, 'openReach'>
  /** Of this host: who names another one has come to the wrong place. */
  readonly publicKey: Uint8Array
  readonly leases: RelayLeases
  readonly clock: Clock
  readonly log: Log
  /** Cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array
  readonly keepRecording: ((name: string, recording: string) => void) | undefined
}

/** Where a socket comes from. */
export interface RendezvousOrigin {
  /** By which those who ask too often are told apart, see `sourceOf`. */
  readonly source: string
  /** For operators. */
  readonly place: string
}

/** Of all, and of those from one source. */
const mostMeetings = 256
const mostOfSource = 16
/** Begun or taken up again, from one source: a person tries a few times, a machine room of them less often than this. */
const newOnes = { perSecond: 0.5, burst: 20 }
const mostSources = 4096
/** To say what one wants. */
const introductionMs = 10_000
const messages = { perSecond: 5, burst: 60 }
/** Input and acknowledgements of one client; what is more is lost, as on any path. */
const packets = { perSecond: 3000, burst: 3000 }
const recordedMessages = 200
/** What waits in the socket is late by then: what comes behind it is lost instead. */
const mostUnsentBytes = 512 * 1024

const plan = planConversation(rendezvous, 'host')

/**
 * Where clients of the native transport ask how this host can be reached, on a WebSocket of the web port, before anybody knows who they are:
 * so it is bounded in all and for each source, and tells nothing to who does not name the host's key.
 */
export class RendezvousDesk {
  readonly #options: RendezvousDeskOptions
  readonly #byTicket = new Map<string, Rendezvous>()
  readonly #paces = new Map<string, TokenBucket>()
  readonly #pipes = new Set<Pipe>()
  #isClosed = false
  #recorded = 0

  constructor(options: RendezvousDeskOptions) {
    this.#options = options
  }

  /** How many are reached, or look for a path. */
  get size(): number {
    return this.#byTicket.size
  }

  /** Takes over a socket. */
  enter(pipe: Pipe, origin: RendezvousOrigin): void {
    const { clock, log, keepRecording } = this.#options
    if (this.#isClosed) return pipe.close(goingAway, 'The host is closing')
    const capacity = keepRecording ? recordedMessages : 0
    const watch = new RecordingMonitor({ plan, epochMs: () => clock.epochMs(), capacity })
    const line = new Line({ pipe, watch })
    this.#pipes.add(pipe)
    const texts = new TokenBucket({ ...messages, nowMs: clock.nowMs() })
    const sealed = new TokenBucket({ ...packets, nowMs: clock.nowMs() })
    let meeting: Rendezvous | undefined
    const patience: Timer = clock.after(introductionMs, () => pipe.close(1000, 'Nothing was asked in time'))
    const meet = (found: Rendezvous | undefined) => {
      patience.cancel()
      meeting = found
    }
    const receive = receiver(rendezvous, 'host', watch, {
      introduce: (message) => meet(this.#introduced(message, line, origin)),
      return: ({ ticket }) => meet(this.#returned(ticket, line, origin)),
      candidates: (signal) => meeting?.hear(signal),
      packet: (packet) => meeting?.packet(packet),
    })
    const take = (message: PipeMessage) => {
      if (typeof message !== 'string') {
        if (sealed.take(clock.nowMs())) receive('packet', message)
        return
      }
      if (!texts.take(clock.nowMs())) return pipe.close(signalCloseCode.flood, 'Messages came too fast')
      const decoded = decodeRendezvousClient(message)
      receive(decoded.type, decoded as never)
    }
    pipe.listen({
      message: (message) => {
        try {
          if (pipe.open) take(message)
        } catch (error) {
          if (!(error instanceof ProtocolViolation) && !(error instanceof WireError)) throw error
          pipe.close(signalCloseCode.protocolViolation, error.message)
          log.info('A rendezvous broke its protocol', { from: origin.place, why: error.message })
        }
      },
      fault: (_code, message) => pipe.close(signalCloseCode.protocolViolation, message),
    })
    void pipe.closed.then(() => {
      patience.cancel()
      this.#pipes.delete(pipe)
      meeting?.cut(line)
      const { recording } = watch
      if (recording !== undefined) keepRecording?.(`rendezvous-${++this.#recorded}`, recording)
    })
  }

  /** Ends all. */
  close(): void {
    this.#isClosed = true
    for (const meeting of this.#byTicket.values()) meeting.end()
    for (const pipe of this.#pipes) pipe.close(goingAway, 'The host is closing')
  }

  #introduced(
    { to, ...signal }: Extract<RendezvousClientMessage, { type: 'introduce' }>,
    line: Line,
    { source, place }: RendezvousOrigin,
  ): Rendezvous | undefined {
    const { viewerProcess, publicKey, leases, log } = this.#options
    const refuse = (code: string, message: string) => {
      line.say({ type: 'refused', code, message })
      line.close()
      log.info('A rendezvous was refused', { from: place, code })
      return undefined
    }
    if (to !== Buffer.from(publicKey).toString('base64url')) {
      return refuse('unknown-host', 'No host of that key answers here')
    }
    const ofSource = this.#byTicket.values().filter((each) => each.source === source)
    if (this.#byTicket.size >= mostMeetings || [...ofSource].length >= mostOfSource || !this.#mayBegin(source)) {
      return refuse('busy', 'Too many look for a path here, or too often: try again later')
    }
    const meeting: Rendezvous = new Rendezvous({
      source,
      place,
      viewer: signal,
      leases,
      line,
      newTicket: () => this.#ticketFor(meeting),
      open: (events) => viewerProcess.openReach(source, events),
      ended: () => this.#forget(meeting),
    })
    if (meeting.begin()) return meeting
    return refuse('closed', 'This host cannot be reached by UDP now')
  }

  #returned(ticket: string, line: Line, { source }: RendezvousOrigin): Rendezvous | undefined {
    const meeting = this.#byTicket.get(ticket)
    if (!meeting || !this.#mayBegin(source)) {
      line.say({ type: 'refused', code: 'unknown-ticket', message: 'Nothing of that is known here any more' })
      line.close()
      return undefined
    }
    this.#forget(meeting)
    meeting.resume(line)
    return meeting
  }

  #ticketFor(meeting: Rendezvous): string {
    const ticket = Buffer.from(this.#options.randomBytes(18)).toString('base64url')
    this.#byTicket.set(ticket, meeting)
    return ticket
  }

  #forget(meeting: Rendezvous): void {
    for (const [ticket, each] of this.#byTicket) if (each === meeting) this.#byTicket.delete(ticket)
  }

  #mayBegin(source: string): boolean {
    const nowMs = this.#options.clock.nowMs()
    let pace = this.#paces.get(source)
    if (!pace) {
      if (this.#paces.size >= mostSources) this.#paces.delete(this.#paces.keys().next().value ?? '')
      pace = new TokenBucket({ ...newOnes, nowMs })
      this.#paces.set(source, pace)
    }
    return pace.take(nowMs)
  }
}

/** One socket, held to the protocol. */
class Line implements RendezvousLine {
  readonly #pipe: Pipe
  readonly #watch: RecordingMonitor

  constructor(options: { readonly pipe: Pipe; readonly watch: RecordingMonitor }) {
    this.#pipe = options.pipe
    this.#watch = options.watch
  }

  say(message: RendezvousHostMessage): void {
    if (!this.#pipe.open) return
    this.#watch.sent(message.type)
    this.#pipe.send(encodeRendezvous(message))
  }

  packet(packet: Uint8Array): void {
    if (!this.#pipe.open || this.#pipe.buffered > mostUnsentBytes) return
    this.#watch.sent('packet')
    this.#pipe.send(packet)
  }

  close(): void {
    this.#pipe.close(1000, '')
  }
}
