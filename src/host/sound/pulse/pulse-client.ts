import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { messageOf } from '../../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../../kernel/ending.ts'
import { SoundError } from '../sound-error.ts'
import { encodePacket, PacketReader } from './packet-reader.ts'
import { decodeLeadingNumbers, encodeTagstruct, type TaggedValue } from './tagstruct.ts'

/** Commands of the native protocol (pulsecore/native-common.h). */
const command = {
  error: 0,
  reply: 2,
  auth: 8,
  setClientName: 9,
  stat: 13,
  loadModule: 51,
  unloadModule: 52,
} as const

/** The oldest protocol version that has all of these; what newer ones add is not needed here. */
const protocolVersion = 12

/** Our connection to a PulseAudio server: it loads and unloads modules, and tells whether the server lives. */
export class PulseClient implements Closable {
  readonly closed
  readonly #socket: Socket
  readonly #ending: Ending
  readonly #reader = new PacketReader()
  readonly #waiting = new Map<
    number,
    { resolve: (numbers: readonly number[]) => void; reject: (error: Error) => void }
  >()
  #lastTag = 0

  constructor(socket: Socket) {
    this.#socket = socket
    this.#ending = new Ending(() => this.#release())
    this.closed = this.#ending.closed
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.once('close', () => void this.#ending.fail(new SoundError('server-down', 'The sound server is gone')))
  }

  /** Shows the cookie, and introduces itself. Rejects with `request-refused` for a wrong cookie. */
  async introduce(cookie: Uint8Array): Promise<void> {
    await this.#ask(command.auth, protocolVersion, cookie)
    await this.#ask(command.setClientName, 'porchlight')
  }

  /** Returns the number of the module, by which it is unloaded. */
  async loadModule(name: string, moduleArguments: string): Promise<number> {
    const [index] = await this.#ask(command.loadModule, name, moduleArguments)
    if (index === undefined) throw new SoundError('bad-answer', `The sound server did not number module ${name}`)
    return index
  }

  async unloadModule(index: number): Promise<void> {
    await this.#ask(command.unloadModule, index)
  }

  /** Resolves when the server answers. */
  async ping(): Promise<void> {
    await this.#ask(command.stat)
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
      reject(new SoundError('server-down', 'Cannot ask the sound server: the connection has ended'))
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
    const waiting = this.#waiting.get(tag)
    // What nobody asked for are notices to clients that play or record.
    if (!waiting) return
    this.#waiting.delete(tag)
    if (code === command.reply) waiting.resolve(values)
    else waiting.reject(new SoundError('request-refused', `The sound server refused a request (error ${values[0]})`))
  }

  async #release(): Promise<void> {
    for (const { reject } of this.#waiting.values()) {
      reject(new SoundError('server-down', 'The sound server did not answer before its connection ended'))
    }
    this.#waiting.clear()
    if (this.#socket.destroyed) return
    const gone = once(this.#socket, 'close')
    this.#socket.destroy()
    await gone
  }
}

/** Connects to a server. Rejects with {@link SoundError}: `server-down`, `request-refused` for a wrong cookie. */
export async function openPulseClient(socketPath: string, cookie: Uint8Array): Promise<PulseClient> {
  const socket = connect(socketPath)
  try {
    await once(socket, 'connect')
  } catch (error) {
    throw new SoundError('server-down', `Cannot connect to the sound server: ${messageOf(error)}`, { cause: error })
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
