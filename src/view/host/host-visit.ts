import type { Pipe, PipeEnd, PipeListener, PipeMessage } from '../../kernel/pipe.ts'
import { goingAway } from '../../kernel/pipe.ts'
import type { ChannelEnding } from '../../net/contract/secure-datagrams.ts'
import type { PathOverview } from '../../domain/path-standing.ts'
import { reachOf } from '../../net/reach/reach.ts'
import { decodeServerMessage, encodeSignal } from '../../wire/signal/codec.ts'
import { signalCloseCode, type ServerMessage } from '../../wire/signal/messages.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { HostChannel } from '../channel/host-channel.ts'
import { MediaPipe, type MediaTap } from './media-pipe.ts'

/** What the host measures, as it tells it once a second. */
export type HostStats = Extract<ServerMessage, { type: 'stats' }>

/** Of what the host says before anybody listens. */
const mostEarly = 256

/**
 * One conversation with a host on a channel of its own, and the media that it asks for: as a pipe, whose messages are those of signalling,
 * so that it is whoever speaks that who decides what is said.
 */
export class HostVisit implements Pipe {
  readonly channel: HostChannel
  readonly closed: Promise<PipeEnd>
  readonly #taps: Iterable<MediaTap>
  readonly #early: PipeMessage[] = []
  #listener: PipeListener | undefined
  #ticket: string | undefined
  #stats: HostStats | undefined
  #isAsking = false
  #media: MediaPipe | undefined

  constructor(channel: HostChannel, taps: Iterable<MediaTap>) {
    this.channel = channel
    this.#taps = taps
    this.closed = channel.closed.then((ending) => {
      this.#media?.close(undefined, 'The channel is over')
      return { code: closeCodeOf(ending) }
    })
  }

  get open(): boolean {
    return this.channel.isOpen && this.channel.conversation.open
  }

  get buffered(): number {
    return this.channel.conversation.buffered
  }

  listen(listener: PipeListener): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) this.hear(message)
  }

  send(message: PipeMessage): void {
    if (typeof message === 'string' && asksForMedia.test(message)) this.#forgetMedia('other media were asked for')
    if (typeof message === 'string' && asks.test(message)) this.#isAsking = true
    this.channel.conversation.send(message)
  }

  pause(): void {
    this.channel.conversation.pause()
  }

  /** The host is not told that it is for good, unless that was said in the conversation: who comes back in time finds the session again. */
  close(code: number | undefined, reason: string): void {
    void this.channel.close(code === goingAway ? 'going-away' : 'closed', reason)
  }

  /** Something that the host has said. */
  hear(message: PipeMessage): void {
    if (!this.#listener) {
      if (this.#early.length < mostEarly) this.#early.push(message)
      else void this.channel.close('closed', 'Nobody listens')
      return
    }
    const said = typeof message === 'string' && ofInterest.test(message) ? read(message) : undefined
    if (said?.type === 'web-media-ticket') this.#expectMedia(said.ticket)
    else if (said?.type === 'stats') return this.#hearStats(said)
    else if (said?.type === 'pong') this.#isAsking = false
    this.#listener.message(message)
  }

  /** What the host has measured last; undefined before it has told. */
  get stats(): HostStats | undefined {
    return this.#stats
  }

  /** By which paths this end reaches the host, and why by that one; undefined where there is no choice. */
  get overview(): PathOverview | undefined {
    return reachOf(this.channel.link.path)?.overview
  }

  /** The host has been asked whether it is there, and has not answered. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** The media that this ticket is for; undefined where it is none, or was used. */
  takeMedia(ticket: string): Pipe | undefined {
    if (this.#ticket === undefined || this.#ticket !== ticket) return undefined
    this.#ticket = undefined
    return this.#media
  }

  /** The host follows: why it is this path, and how the others stand, is known here. */
  #hearStats(said: HostStats): void {
    this.#stats = said
    const { overview } = this
    const path = said.path && { ...said.path, ...overview }
    this.#listener?.message(encodeSignal(path ? { ...said, path } : said))
  }

  /** What comes from now on is of the viewer that was opened with the ticket. */
  #expectMedia(ticket: string): void {
    this.#media?.close(undefined, 'another ticket came')
    this.#ticket = ticket
    this.#media = new MediaPipe(this.channel, this.#taps)
  }

  #forgetMedia(reason: string): void {
    this.channel.ignore()
    this.#media?.close(undefined, reason)
    this.#media = undefined
    this.#ticket = undefined
  }
}

/** A text that somebody says has its quotes escaped, so that it is not taken for this. */
const asksForMedia = /"type":"web-media"/
const asks = /"type":"ping"/
/** What is looked at on its way; all else passes unread. */
const ofInterest = /"type":"(web-media-ticket|stats|pong)"/

function read(message: string): ServerMessage | undefined {
  try {
    return decodeServerMessage(message)
  } catch (error) {
    // Whoever speaks signalling says what is wrong with it.
    if (error instanceof WireError) return undefined
    throw error
  }
}

/** How the end of a channel is told to who had a conversation on it, in the codes of signalling. */
function closeCodeOf({ cause, by }: ChannelEnding): number | undefined {
  if (by === 'here') return undefined
  switch (cause) {
    case 'closed':
      return signalCloseCode.sessionEnded
    case 'going-away':
      return goingAway
    case 'protocol-violation':
      return signalCloseCode.protocolViolation
    // What a refusal means is told at the door, to who comes again.
    default:
      return undefined
  }
}
