import type { Clock } from '../../kernel/clock.ts'
import type { Pipe, PipeMessage } from '../../kernel/pipe.ts'
import { TokenBucket } from '../../kernel/token-bucket.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import type { ChannelEnding } from '../../net/contract/secure-datagrams.ts'
import type { BirthdayOutcome } from '../../net/paths/birthday-probing.ts'
import type { SecureLink } from '../../net/native/secure-link.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { pipeOnStream } from '../../net/streams/stream-pipe.ts'
import { Transport } from '../../net/streams/transport.ts'
import { keysChannel } from '../../wire/input/channels.ts'
import type { ChannelEnd } from '../../wire/native/sealed-message.ts'
import { maxSignalBytes } from '../../wire/signal/messages.ts'
import type { StreamFrame } from '../link/protocol.ts'
import type { NativeAnswers } from './answers.ts'
import { RequestStreams } from './request-streams.ts'

export interface NativeChannelOptions {
  /** By which the server knows it. */
  readonly id: number
  readonly link: SecureLink
  readonly clock: Clock
  readonly events: ChannelEvents
}

export interface ChannelEvents {
  /** On the first stream, which is the conversation. */
  message(channel: NativeChannel, message: PipeMessage): void
  /** On a stream of a request. */
  stream(frame: StreamFrame): void
  over(channel: NativeChannel, ending: ChannelEnding): void
}

/** What a viewer's client sends on its channel, beside its conversation. */
export interface ChannelMedia extends NativeAnswers {
  /** Of the stream of keys, whole and in order. */
  keys(message: Uint8Array): void
  /** A direct path to this client was probed for by birthday. */
  probed(outcome: BirthdayOutcome): void
}

/** More than any client says; what is less is for the server to judge. */
const messageLimit = { perSecond: 100, burst: 400 }
/** Whoever takes nothing of what it is told is gone. */
const mostUnsentBytes = 1024 * 1024

/**
 * One client of the native transport: a channel that its handshake has opened, with streams on it. The client opens the first for the
 * conversation, the second for keys, and any further one for a request, of which there are as many at a time as there may be streams.
 */
export class NativeChannel {
  readonly id: number
  readonly link: SecureLink
  readonly transport: Transport
  readonly requests: RequestStreams
  readonly #events: ChannelEvents
  readonly #clock: Clock
  readonly #limit: TokenBucket
  #conversation: Pipe | undefined
  #keys: Pipe | undefined
  #media: ChannelMedia | undefined
  /** Before there was a viewer that could be told. */
  #probed: BirthdayOutcome | undefined

  constructor({ id, link, clock, events }: NativeChannelOptions) {
    this.id = id
    this.link = link
    this.#events = events
    this.#clock = clock
    this.requests = new RequestStreams({ channel: id, send: (frame) => events.stream(frame) })
    this.#limit = new TokenBucket({ ...messageLimit, nowMs: clock.nowMs() })
    this.transport = new Transport({
      channel: link,
      clock,
      isCaller: false,
      controller: new BitrateController(),
      events: {
        stream: (stream) => this.#taken(stream),
        datagram: (kind, data) => this.#media?.datagram(kind, data),
        missing: (numbers) => this.#media?.missing(numbers),
        keyWanted: () => this.#media?.keyWanted(),
        reported: () => this.#media?.reported(),
        moved: () => this.#media?.moved(),
      },
    })
    void link.closed.then((ending) => events.over(this, ending))
  }

  /** Says something in the conversation; before there is one nothing can be said. */
  say(message: PipeMessage): void {
    this.#conversation?.send(message)
    if ((this.#conversation?.buffered ?? 0) > mostUnsentBytes) this.end('silent', 'It takes nothing of what it is told')
  }

  /** Who takes what comes for a viewer from now on, until the function that it gives is called. */
  carry(media: ChannelMedia): () => void {
    this.#media = media
    if (this.#probed) media.probed(this.#probed)
    this.#probed = undefined
    return () => {
      if (this.#media === media) this.#media = undefined
    }
  }

  /** For the record of whoever watches by it, now or next. */
  probed(outcome: BirthdayOutcome): void {
    if (this.#media) this.#media.probed(outcome)
    else this.#probed = outcome
  }

  end(cause: ChannelEnd, reason: string): void {
    this.link.close(cause, reason)
  }

  #taken(stream: ByteStream): void {
    if (!this.#conversation) {
      this.#conversation = pipeOnStream(stream, { maxMessageBytes: maxSignalBytes })
      this.#listen(this.#conversation, (message) => this.#events.message(this, message))
    } else if (!this.#keys) {
      this.#keys = pipeOnStream(stream, { maxMessageBytes: keysChannel.maxMessageBytes })
      this.#listen(this.#keys, (message) => {
        if (typeof message === 'string') return this.end('protocol-violation', 'A text came on the stream of keys')
        this.#media?.keys(message)
      })
    } else {
      this.requests.take(stream)
    }
  }

  #listen(pipe: Pipe, take: (message: PipeMessage) => void): void {
    const isConversation = pipe === this.#conversation
    pipe.listen({
      message: (message) => {
        if (isConversation && !this.#limit.take(this.#clock.nowMs())) {
          return this.end('protocol-violation', 'Messages came too fast')
        }
        take(message)
      },
      fault: (_code, message) => this.end('protocol-violation', message),
    })
    // Without its conversation a channel is of no use.
    if (isConversation) void pipe.closed.then(() => this.end('closed', ''))
  }
}
