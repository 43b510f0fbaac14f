import type { Frame } from '../../wire/native-frames/frame.ts'
import { streamDataRoom, type DatagramWriter } from '../../wire/native-frames/encode-frames.ts'
import { MuxStream, streamWindowBytes, type SaidOfStream } from './mux-stream.ts'
import { StreamError } from './stream-error.ts'

/** Streams that each end may have open of those that it opened. */
export const mostStreams = 8
/** Room for all of them, so that no stream waits for one that is not read. */
const windowBytes = 2 * mostStreams * streamWindowBytes
const windowStep = windowBytes / 8
/** A frame that carries less data than this waits for the next datagram. */
const leastRoom = 24

/** What one datagram said of streams, to be kept until it has come. */
export type Said =
  | { readonly of: 'stream'; readonly stream: MuxStream; readonly said: SaidOfStream }
  | { readonly of: 'all'; readonly type: 'max-data' | 'max-streams' }
  /** Nothing but a wish for an answer. */
  | { readonly of: 'ping' }

export interface StreamsOptions {
  /** The end that called; the other one was called. */
  readonly isCaller: boolean
  /** The other end has opened one. */
  readonly onOpened: (stream: MuxStream) => void
  /** There is something to be sent. */
  readonly wake: () => void
}

/** The streams of one channel, opened by either end: their numbers, their windows, and whose turn it is. */
export class Streams {
  readonly #options: StreamsOptions
  readonly #open = new Map<number, MuxStream>()
  /** What each end has opened so far, and may open. */
  #own = { opened: 0, most: mostStreams }
  #others = { opened: 0, over: 0 }
  #saidMost = mostStreams
  /** Of all streams together: what the other end takes, and what was sent; what this end has said it takes, and what came. */
  #limit = windowBytes
  #sent = 0
  #saidLimit = windowBytes
  #came = 0
  #consumed = 0
  readonly #due = { 'max-data': false, 'max-streams': false }
  #turn = 0
  #ended: StreamError | undefined

  constructor(options: StreamsOptions) {
    this.#options = options
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size
  }

  /** Throws StreamError `too-many` while the other end takes no further one, or `closed`. */
  open(bulk: boolean): MuxStream {
    if (this.#ended) throw this.#ended
    if (this.#own.opened >= this.#own.most) {
      throw new StreamError('too-many', `Cannot open a stream: the other end takes ${mostStreams} at a time`)
    }
    const stream = this.#add(this.#own.opened++ * 4 + this.#ownBit)
    stream.isBulk = bulk
    this.#options.wake()
    return stream
  }

  get #ownBit(): number {
    return this.#options.isCaller ? 0 : 1
  }

  #add(id: number): MuxStream {
    const stream = new MuxStream({
      id,
      isOwn: id % 4 === this.#ownBit,
      limit: streamWindowBytes,
      wake: this.#options.wake,
      onConsumed: (bytes) => this.#onConsumed(bytes),
    })
    this.#open.set(id, stream)
    return stream
  }

  /** False when something of it could not be kept: it is to come again. Throws StreamError `violation`. */
  take(frame: Frame): boolean {
    switch (frame.type) {
      case 'max-data':
        this.#limit = Math.max(this.#limit, frame.bytes)
        return true
      case 'max-streams':
        this.#own.most = Math.max(this.#own.most, frame.streams)
        return true
      case 'stream':
      case 'reset':
      case 'stop':
      case 'max-stream-data':
        return this.#takeOfStream(frame)
      default:
        return true
    }
  }

  #takeOfStream(frame: Extract<Frame, { stream: number }>): boolean {
    const stream = this.#find(frame.stream)
    // It is over: what comes late says nothing new.
    if (!stream) return true
    const fresh = stream.take(frame)
    this.#forgetIfOver(stream)
    if (fresh === undefined) return false
    this.#came += fresh
    if (this.#came > this.#saidLimit)
      throw new StreamError('violation', 'More came of all streams than there is room for')
    return true
  }

  #find(id: number): MuxStream | undefined {
    const found = this.#open.get(id)
    if (found) return found
    const index = Math.floor(id / 4)
    const bits = id % 4
    if (bits > 1) throw new StreamError('violation', `There is no stream ${id}`)
    if (bits === this.#ownBit) {
      if (index >= this.#own.opened) throw new StreamError('violation', `Stream ${id} was never opened`)
      return undefined
    }
    if (index < this.#others.opened) return undefined
    if (index >= this.#saidMost) throw new StreamError('violation', `Stream ${id} is one too many`)
    // Those before it are open too: what says so is still on its way.
    while (this.#others.opened <= index) {
      const stream = this.#add(this.#others.opened++ * 4 + bits)
      this.#options.onOpened(stream)
    }
    return this.#open.get(id)
  }

  /** Something is to be sent, of bulk streams or of the others. */
  wants(bulk: boolean): boolean {
    if (!bulk && (this.#due['max-data'] || this.#due['max-streams'])) return true
    const credit = this.#limit - this.#sent
    for (const stream of this.#open.values()) if (stream.isBulk === bulk && stream.wants(credit)) return true
    return false
  }

  /** Writes what is to be sent into a datagram, as far as it has room, each stream in turn. What that was is added to `said`. */
  say(writer: DatagramWriter, bulk: boolean, said: Said[]): void {
    if (!bulk) this.#sayOfAll(writer, said)
    const streams = Array.from(this.#open.values()).filter((stream) => stream.isBulk === bulk)
    const from = this.#turn++
    for (let count = 0; count < streams.length; count++) {
      const stream = streams[(from + count) % streams.length] as MuxStream
      for (;;) {
        const room = streamDataRoom(writer.room, stream.id, stream.sentBytes)
        if (room < leastRoom) return
        const before = stream.sentBytes
        const next = stream.say(room, this.#limit - this.#sent)
        if (!next) break
        this.#sent += stream.sentBytes - before
        writer.frame(next.frame)
        said.push({ of: 'stream', stream, said: next.said })
      }
    }
  }

  #sayOfAll(writer: DatagramWriter, said: Said[]): void {
    if (this.#due['max-data']) {
      this.#due['max-data'] = false
      this.#saidLimit = this.#consumed + windowBytes
      writer.frame({ type: 'max-data', bytes: this.#saidLimit })
      said.push({ of: 'all', type: 'max-data' })
    }
    if (this.#due['max-streams']) {
      this.#due['max-streams'] = false
      this.#saidMost = this.#others.over + mostStreams
      writer.frame({ type: 'max-streams', streams: this.#saidMost })
      said.push({ of: 'all', type: 'max-streams' })
    }
  }

  onAcknowledged(said: Said): void {
    if (said.of !== 'stream') return
    said.stream.onAcknowledged(said.said)
    this.#forgetIfOver(said.stream)
  }

  onLost(said: Said): void {
    if (said.of === 'stream') said.stream.onLost(said.said)
    else if (said.of === 'all') this.#due[said.type] = true
  }

  #forgetIfOver(stream: MuxStream): void {
    if (!stream.isOver || !this.#open.delete(stream.id)) return
    if (stream.id % 4 === this.#ownBit) return
    this.#others.over++
    this.#due['max-streams'] = true
    this.#options.wake()
  }

  #onConsumed(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed + windowBytes - this.#saidLimit < windowStep) return
    this.#due['max-data'] = true
    this.#options.wake()
  }

  /** What carries them has ended. */
  end(error: StreamError): void {
    this.#ended ??= error
    for (const stream of this.#open.values()) stream.end(error)
    this.#open.clear()
  }
}
