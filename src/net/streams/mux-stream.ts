import { Ending, type End } from '../../kernel/ending.ts'
import type { Frame } from '../../wire/native-frames/frame.ts'
import type { ByteStream } from './byte-stream.ts'
import { IncomingBytes } from './incoming-bytes.ts'
import { OutgoingBytes, type OutgoingPiece } from './outgoing-bytes.ts'
import { StreamError } from './stream-error.ts'

/** Of each stream and way: what is kept until it was read, or acknowledged. */
export const streamWindowBytes = 256 * 1024
/** The other end is told of a window that has moved by this much. */
const windowStep = streamWindowBytes / 4
/** What is handed over at a time. */
const readBytes = 64 * 1024

/** Something that the other end has to hear of: it is said, and said again until it is acknowledged. */
type Saying = 'nothing' | 'due' | 'said'

/** What one datagram said of a stream, to be kept until it has come. */
export type SaidOfStream =
  | { readonly type: 'data'; readonly offset: number; readonly bytes: number; readonly fin: boolean }
  | { readonly type: 'reset' | 'stop' | 'window' }

export interface MuxStreamOptions {
  readonly id: number
  /** Opened at this end. */
  readonly isOwn: boolean
  /** So far the other end takes bytes, before it says more. */
  readonly limit: number
  /** There is something to be sent. */
  readonly wake: () => void
  /** So many bytes were read, or will never be: the window of all streams moves on. */
  readonly onConsumed: (bytes: number) => void
}

/** One of many streams over one channel of datagrams. What it has to say is asked of it by {@link Streams}, datagram by datagram. */
export class MuxStream implements ByteStream {
  readonly id: number
  readonly closed: Promise<End>
  readonly incoming: AsyncIterable<Uint8Array>
  isBulk = false
  /** The other end hears of a stream by its data, or by a frame without any. */
  #isAnnounced: boolean
  readonly #options: MuxStreamOptions
  readonly #out = new OutgoingBytes(streamWindowBytes)
  readonly #in = new IncomingBytes(streamWindowBytes)
  #limit: number
  #resetCode = 0
  #reset: Saying = 'nothing'
  #stop: Saying = 'nothing'
  #window: Saying = 'nothing'
  #toldLimit = streamWindowBytes
  /** What came of reading and writing; undefined while they go on. */
  #readEnd: End | undefined
  #writeEnd: End | undefined
  readonly #ending = new Ending(() => {})
  #isFinishing = false
  /** The writes so far, one after the other. */
  #writing: Promise<void> = Promise.resolve()
  readonly #room = new Waiting()
  readonly #readable = new Waiting()

  constructor(options: MuxStreamOptions) {
    this.#options = options
    this.id = options.id
    this.#limit = options.limit
    this.#isAnnounced = !options.isOwn
    this.closed = this.#ending.closed
    this.incoming = { [Symbol.asyncIterator]: () => this.#read() }
  }

  get buffered(): number {
    return this.#out.waiting
  }

  /** Both ways are over, and the other end knows. */
  get isOver(): boolean {
    const isSaid = this.#reset === 'nothing' && this.#stop === 'nothing'
    return isSaid && this.#readEnd !== undefined && this.#writeEnd !== undefined && this.#out.isDone
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isFinishing)
      return Promise.reject(new StreamError('finished', 'Cannot write to a stream that was finished'))
    const written = this.#writing.then(() => this.#write(bytes))
    this.#writing = written.catch(() => {})
    return written
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; ;) {
      this.#throwIf(this.#writeEnd)
      at += this.#out.write(bytes.subarray(at))
      this.#options.wake()
      if (at === bytes.length) return
      await this.#room.wait()
    }
  }

  async finish(): Promise<void> {
    this.#isFinishing = true
    await this.#writing
    this.#out.finish()
    this.#options.wake()
    while (!this.#writeEnd) await this.#room.wait()
    this.#throwIf(this.#writeEnd)
  }

  reset(code: number): void {
    this.#resetCode = code
    const error = new StreamError('finished', 'The stream was given up')
    this.#giveUpWriting(error)
    this.#stopReading(error)
  }

  async *#read(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const bytes = this.#in.read(readBytes)
        if (bytes) {
          this.#onRead(bytes.length)
          yield bytes
          continue
        }
        if (this.#in.isEnded && !this.#readEnd) this.#endReading({ kind: 'clean', reason: 'finished' })
        if (this.#readEnd) return this.#throwIf(this.#readEnd)
        await this.#readable.wait()
      }
    } finally {
      this.#stopReading(new StreamError('finished', 'Nobody reads the stream any more'))
    }
  }

  #onRead(bytes: number): void {
    this.#options.onConsumed(bytes)
    if (this.#in.isEndKnown || this.#in.limit - this.#toldLimit < windowStep) return
    this.#window = 'due'
    this.#options.wake()
  }

  #throwIf(end: End | undefined): void {
    if (end?.kind === 'error') throw end.error
  }

  /** A frame came; throws StreamError `violation`. Returns how many bytes were new to flow control, undefined when it is to come again. */
  take(frame: Extract<Frame, { stream: number }>): number | undefined {
    const before = this.#in.highest
    switch (frame.type) {
      case 'stream': {
        if (this.#readEnd) return this.#skip(frame.offset + frame.data.length, frame.fin)
        if (!this.#in.take(frame.offset, frame.data, frame.fin)) return undefined
        this.#readable.wake()
        break
      }
      case 'reset': {
        const unread = frame.bytes - this.#in.readBytes
        this.#in.end(frame.bytes)
        if (unread > 0) this.#options.onConsumed(unread)
        this.#stop = 'nothing'
        this.#endReading({
          kind: 'error',
          error: new StreamError('reset', `The other end gave the stream up: ${frame.code}`),
        })
        break
      }
      case 'stop':
        this.#giveUpWriting(new StreamError('stopped', `The other end wants no more of the stream: ${frame.code}`))
        break
      case 'max-stream-data':
        this.#limit = Math.max(this.#limit, frame.bytes)
        break
    }
    return this.#in.highest - before
  }

  /** What comes of a stream that is not read any more counts as read. */
  #skip(end: number, fin: boolean): number {
    const { highest } = this.#in
    const fresh = Math.max(0, end - highest)
    if (fresh > 0) {
      this.#in.skip(end)
      this.#options.onConsumed(fresh)
    }
    // Its end was told: there is nothing left to be stopped.
    if (fin) this.#stop = 'nothing'
    this.#settle()
    return fresh
  }

  /** It has something to say, of new data no more than `credit` bytes. */
  wants(credit: number): boolean {
    if (this.#reset === 'due' || this.#stop === 'due' || this.#window === 'due') return true
    if (this.#writeEnd) return false
    return !this.#isAnnounced || this.#out.wants(Math.min(this.#limit, this.#out.sentBytes + credit))
  }

  /** The next that it has to say within `room` bytes of data; undefined when that is nothing. */
  say(room: number, credit: number): { readonly frame: Frame; readonly said: SaidOfStream } | undefined {
    if (this.#reset === 'due') {
      this.#reset = 'said'
      const frame = { type: 'reset', stream: this.id, code: this.#resetCode, bytes: this.#out.sentBytes } as const
      return { frame, said: { type: 'reset' } }
    }
    if (this.#stop === 'due') {
      this.#stop = 'said'
      return { frame: { type: 'stop', stream: this.id, code: this.#resetCode }, said: { type: 'stop' } }
    }
    if (this.#window === 'due') {
      this.#window = 'said'
      this.#toldLimit = this.#in.limit
      return { frame: { type: 'max-stream-data', stream: this.id, bytes: this.#toldLimit }, said: { type: 'window' } }
    }
    if (this.#writeEnd) return undefined
    const piece = this.#out.take(room, Math.min(this.#limit, this.#out.sentBytes + credit)) ?? this.#announcement
    if (!piece) return undefined
    this.#isAnnounced = true
    const { offset, data, fin } = piece
    return {
      frame: { type: 'stream', stream: this.id, ...piece },
      said: { type: 'data', offset, bytes: data.length, fin },
    }
  }

  get #announcement(): OutgoingPiece | undefined {
    return this.#isAnnounced ? undefined : { offset: 0, data: new Uint8Array(0), fin: false }
  }

  /** Counts what was sent, every byte once. */
  get sentBytes(): number {
    return this.#out.sentBytes
  }

  onAcknowledged(said: SaidOfStream): void {
    if (said.type === 'data') {
      if (!this.#writeEnd) this.#out.onAcknowledged(said)
      this.#room.wake()
      if (this.#out.isDone && !this.#writeEnd) this.#endWriting({ kind: 'clean', reason: 'finished' })
    } else if (said.type === 'reset') {
      this.#reset = 'nothing'
    } else if (said.type === 'stop') {
      // It is over when the other end has told where it ends.
    } else if (this.#window === 'said') this.#window = 'nothing'
    this.#settle()
  }

  onLost(said: SaidOfStream): void {
    if (said.type === 'data') {
      if (!this.#writeEnd) this.#out.onLost(said)
      if (said.bytes === 0) this.#isAnnounced = false
    } else if (said.type === 'reset') {
      if (this.#reset === 'said') this.#reset = 'due'
    } else if (said.type === 'stop') {
      if (this.#stop === 'said') this.#stop = 'due'
    } else if (this.#window === 'said') this.#window = 'due'
  }

  /** What carries it has ended. */
  end(error: StreamError): void {
    this.#reset = this.#stop = this.#window = 'nothing'
    this.#out.drop()
    this.#endWriting({ kind: 'error', error })
    this.#endReading({ kind: 'error', error })
  }

  #giveUpWriting(error: StreamError): void {
    if (this.#writeEnd) return
    this.#out.drop()
    this.#reset = 'due'
    this.#endWriting({ kind: 'error', error })
    this.#options.wake()
  }

  #stopReading(error: StreamError): void {
    if (this.#readEnd) return
    if (!this.#in.isEndKnown) this.#stop = 'due'
    const unread = this.#in.highest - this.#in.readBytes
    this.#in.skip(this.#in.highest)
    if (unread > 0) this.#options.onConsumed(unread)
    this.#endReading({ kind: 'error', error })
    this.#options.wake()
  }

  #endReading(end: End): void {
    this.#readEnd ??= end
    this.#readable.wake()
    this.#settle()
  }

  #endWriting(end: End): void {
    this.#writeEnd ??= end
    this.#room.wake()
    this.#settle()
  }

  #settle(): void {
    const ends = [this.#readEnd, this.#writeEnd]
    if (ends.includes(undefined)) return
    const failed = ends.find((end) => end?.kind === 'error')
    void this.#ending.end(failed ?? { kind: 'clean', reason: 'finished' })
  }
}

/** Some who wait for something to change. */
class Waiting {
  #promise: Promise<void> | undefined
  #resolve = () => {}

  wait(): Promise<void> {
    if (!this.#promise) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#promise = promise
      this.#resolve = resolve
    }
    return this.#promise
  }

  wake(): void {
    this.#promise = undefined
    this.#resolve()
  }
}
