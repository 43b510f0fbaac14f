import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { encodePacket, encodeSoundPacket, PacketReader, type Seek } from './packet-reader.ts'
import { PulseError } from './pulse-error.ts'
import { decodeLeadingNumbers, encodeTagstruct, type TaggedValue } from './tagstruct.ts'

/** Commands of the native protocol (pulsecore/native-common.h). */
const command = {
  reply: 2,
  createPlaybackStream: 3,
  auth: 8,
  setClientName: 9,
  stat: 13,
  overflow: 62,
  underflow: 63,
  playbackStreamKilled: 64,
} as const

/** Of a notice, which answers nothing. */
const noTag = 0xffffffff
const noIndex = 0xffffffff

/** The oldest protocol version that has all of these; what newer ones add is not needed here. */
const protocolVersion = 13

/** How a stream is to be played. */
export interface StreamSettings {
  readonly sink: string
  readonly name: string
  readonly rate: number
  /** What the server keeps at most. */
  readonly maxBytes: number
  /** What it is to keep in all, its sink's share included. */
  readonly targetBytes: number
}

/** A stream that the server plays. */
export interface StreamListener {
  /** It had nothing to play, or more than it keeps: the next sound is to say where it goes. */
  lostPlace(): void
  /** It plays no more: the sink is gone, for instance. */
  killed(): void
}

/** Our connection to a PulseAudio server: it plays sound, and tells whether the server lives. */
export class PulseClient implements Closable {
  readonly closed
  readonly #socket: Socket
  readonly #ending: Ending
  readonly #reader = new PacketReader()
  readonly #waiting = new Map<
    number,
    { resolve: (numbers: readonly number[]) => void; reject: (error: Error) => void }
  >()
  readonly #streams = new Map<number, StreamListener>()
  #lastTag = 0

  constructor(socket: Socket) {
    this.#socket = socket
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.once('close', () => void this.#ending.fail(new PulseError('server-down', 'The sound server is gone')))
  }

  /** Shows the cookie, and introduces itself. Rejects with `request-refused` for a wrong cookie. */
  async introduce(cookie: Uint8Array): Promise<void> {
    await this.#ask(command.auth, protocolVersion, cookie)
    await this.#ask(command.setClientName, { kind: 'properties', values: { 'application.name': 'Porchlight' } })
  }

  /** Resolves when the server answers. */
  async ping(): Promise<void> {
    await this.#ask(command.stat)
  }

  /**
   * Begins to play a stream of mono 32 bit floats. Resolves with its channel. Rejects with `request-refused` when there is no
   * such sink.
   */
  async openStream(settings: StreamSettings, listener: StreamListener): Promise<number> {
    const { sink, name, rate, maxBytes, targetBytes } = settings
    const isCorked = false
    const minRequestBytes = noIndex
    const syncId = 0
    // Neither remixed, nor resampled, nor moved to another sink.
    const restrictions = [false, false, false, false, false, true, false]
    const isMuted = false
    const adjustsLatency = true
    const [channel] = await this.#ask(
      command.createPlaybackStream,
      { kind: 'sample-spec', format: 'float32le', channels: 1, rate },
      { kind: 'channel-map', positions: ['mono'] },
      noIndex,
      sink,
      maxBytes,
      isCorked,
      targetBytes,
      // It begins to play at once, and goes on when there was nothing.
      0,
      minRequestBytes,
      syncId,
      { kind: 'volume', channels: [0x10000] },
      ...restrictions,
      isMuted,
      adjustsLatency,
      { kind: 'properties', values: { 'media.name': name } },
    )
    if (channel === undefined) throw new PulseError('bad-answer', 'The sound server did not number a stream')
    this.#streams.set(channel, listener)
    return channel
  }

  /** Sends sound for a stream; the bytes are copied. */
  play(channel: number, sound: Uint8Array, seek: Seek): void {
    if (!this.#ending.begun) this.#socket.write(encodeSoundPacket(channel, sound, seek))
  }

  /** What waits to be sent, in bytes. */
  get backlogBytes(): number {
    return this.#socket.writableLength
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #ask(code: number, ...values: TaggedValue[]): Promise<readonly number[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
    if (this.#ending.begun) {
      reject(new PulseError('server-down', 'Cannot ask the sound server: the connection has ended'))
      return promise
    }
    const tag = ++this.#lastTag
    this.#waiting.set(tag, { resolve, reject })
    this.#socket.write(encodePacket(encodeTagstruct([code, tag, ...values])))
    return promise
  }

  #receive(chunk: Buffer): void {
    try {
      for (const packet of this.#reader.push(chunk)) this.#answer(decodeLeadingNumbers(packet))
    } catch (error) {
      void this.#ending.fail(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

  #answer([code, tag = 0, ...values]: readonly number[]): void {
    if (tag === noTag) return this.#notice(code, values[0])
    const waiting = this.#waiting.get(tag)
    if (!waiting) return
    this.#waiting.delete(tag)
    if (code === command.reply) waiting.resolve(values)
    else waiting.reject(new PulseError('request-refused', `The sound server refused a request (error ${values[0]})`))
  }

  #notice(code: number | undefined, channel = noIndex): void {
    const stream = this.#streams.get(channel)
    if (code === command.underflow || code === command.overflow) stream?.lostPlace()
    if (code !== command.playbackStreamKilled) return
    this.#streams.delete(channel)
    stream?.killed()
  }

  async #release(): Promise<void> {
    for (const { reject } of this.#waiting.values()) {
      reject(new PulseError('server-down', 'The sound server did not answer before its connection ended'))
    }
    this.#waiting.clear()
    if (this.#socket.destroyed) return
    const gone = once(this.#socket, 'close')
    this.#socket.destroy()
    await gone
  }
}

/** Connects to a server. Rejects with {@link PulseError}: `server-down`, `request-refused` for a wrong cookie. */
export async function openPulseClient(socketPath: string, cookie: Uint8Array): Promise<PulseClient> {
  const socket = connect(socketPath)
  try {
    await once(socket, 'connect')
  } catch (error) {
    throw new PulseError('server-down', `Cannot connect to the sound server: ${messageOf(error)}`, { cause: error })
  }
  const client = new PulseClient(socket)
  try {
    await client.introduce(cookie)
    return client
  } catch (error) {
    await client.close()
    throw error
  }
}
