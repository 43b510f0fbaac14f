import { sleep, type Clock, type Timer } from '../../kernel/clock.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import type { ChannelEnding } from '../../net/contract/secure-datagrams.ts'
import type { LinkStatistics, SecureLink } from '../../net/native/secure-link.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { pipeOnStream } from '../../net/streams/stream-pipe.ts'
import { Transport } from '../../net/streams/transport.ts'
import { keysChannel } from '../../wire/input/channels.ts'
import { maxSignalBytes } from '../../wire/signal/messages.ts'
import { ReceivedMedia, type MediaEvents } from './received-media.ts'

/** As often as packets come on a busy path. */
const pollMs = 5
const voiceHeadBytes = 4
/** So long the last words of a conversation may take. */
const goodbyeMs = 500

/**
 * The viewer's end of one channel to a host: the stream of its conversation, the stream of keys, requests on streams of their own, and
 * what goes as datagrams. Input goes before everything else: keys on a stream that nothing waits in front of, motion at once.
 */
export class HostChannel {
  readonly link: SecureLink
  /** The first stream: admission, then the conversation. */
  readonly conversation: Pipe
  /** Resolves once it is over. */
  readonly closed: Promise<ChannelEnding>
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #keys: Pipe
  #media: ReceivedMedia | undefined
  #polling: Timer | undefined

  constructor({ link, clock }: { readonly link: SecureLink; readonly clock: Clock }) {
    this.link = link
    this.closed = link.closed
    this.#clock = clock
    this.#transport = new Transport({
      channel: link,
      clock,
      isCaller: true,
      controller: new BitrateController(),
      events: {
        // A host opens none.
        stream: (stream) => stream.reset(0),
        datagram: (kind, data) => this.#media?.take(kind, data),
        missing: () => {},
        keyWanted: () => {},
        reported: () => {},
      },
    })
    this.conversation = pipeOnStream(this.#transport.openStream(), { maxMessageBytes: maxSignalBytes })
    this.#keys = pipeOnStream(this.#transport.openStream(), { maxMessageBytes: keysChannel.maxMessageBytes })
    void link.closed.then(() => this.ignore())
  }

  get isOpen(): boolean {
    return this.link.isOpen
  }

  get statistics(): LinkStatistics {
    return this.link.statistics
  }

  /** What media there are now. */
  get media(): ReceivedMedia | undefined {
    return this.#media
  }

  /** Media of a viewer that has just been opened come from now on; what is late of another one before is not taken for theirs. */
  receive(events: MediaEvents): void {
    const nowUs = () => this.#clock.nowMs() * 1000
    this.#media = new ReceivedMedia({ transport: this.#transport, nowUs, events })
    this.#polling ??= this.#clock.every(pollMs, () => this.#media?.poll())
  }

  /** Takes none of what comes, until {@link receive}. */
  ignore(): void {
    this.#media = undefined
    this.#polling?.cancel()
    this.#polling = undefined
  }

  /** A message of the keys channel: arrives, and in order. */
  key(message: Uint8Array): void {
    this.#keys.send(message)
  }

  /** A message of the pointer channel, of which only the newest counts. */
  point(message: Uint8Array): void {
    this.#transport.send('input', message)
  }

  /** A packet of Opus, and when it was said in samples. */
  speak(timestamp: number, packet: Uint8Array): void {
    const head = new Uint8Array(voiceHeadBytes)
    new DataView(head.buffer).setUint32(0, timestamp)
    this.#transport.send('audio', head, packet)
  }

  /** A decoder cannot go on. */
  wantKey(): void {
    this.#transport.askForKey()
  }

  /** A stream for one request; it gives way to all else that is said. Throws StreamError `too-many` or `closed`. */
  openRequest(): ByteStream {
    return this.#transport.openStream({ bulk: true })
  }

  /** Ends it after telling the host, and after what was said in the conversation has come; what does not come soon is given up. */
  async close(cause: 'closed' | 'going-away', reason = ''): Promise<void> {
    const untilMs = this.#clock.nowMs() + goodbyeMs
    // What was said last is taken by the stream in a moment.
    while (this.isOpen && this.conversation.buffered > 0 && this.#clock.nowMs() < untilMs)
      await sleep(this.#clock, pollMs)
    this.link.close(cause, reason)
  }
}
