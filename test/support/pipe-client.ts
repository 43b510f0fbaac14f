import type { Pipe, PipeEnd } from '../../src/kernel/pipe.ts'
import { decodeServerMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../../src/wire/signal/messages.ts'

type Named<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

/** The client's end of signalling on a pipe: says whatever it is told to, and keeps what the host says. */
export class PipeClient {
  readonly messages: ServerMessage[] = []
  /** How the pipe ended: by which code, or cut without a goodbye. */
  closedWith: number | 'cut' | undefined
  readonly #pipe: Pipe
  readonly #waiting = new Set<() => void>()

  constructor(pipe: Pipe) {
    this.#pipe = pipe
    pipe.listen({
      message: (message) => {
        this.messages.push(decodeServerMessage(message))
        this.#wake()
      },
      fault: () => {},
    })
    void pipe.closed.then(({ code }) => {
      this.closedWith = code ?? 'cut'
      this.#wake()
    })
  }

  says(message: ClientMessage): void {
    this.saysRaw(encodeSignal(message))
  }

  saysRaw(data: string | Uint8Array): void {
    this.#pipe.send(data)
  }

  /** Reads nothing that it is told from now on. */
  stopsReading(): void {
    this.#pipe.pause()
  }

  /** Goes away; without a word unless a code is given. */
  leaves(code?: number): void {
    this.#pipe.close(code, '')
  }

  get closed(): Promise<PipeEnd> {
    return this.#pipe.closed
  }

  last<Type extends ServerMessage['type']>(type: Type): Named<Type> | undefined {
    return this.messages.findLast((message): message is Named<Type> => message.type === type)
  }

  /** The last message of that type, as soon as there is one. */
  async heard<Type extends ServerMessage['type']>(type: Type): Promise<Named<Type>> {
    await this.until(() => this.last(type) !== undefined || this.closedWith !== undefined)
    const message = this.last(type)
    if (!message) throw new Error(`The pipe ended (${this.closedWith}) before "${type}" was heard`)
    return message
  }

  /** Resolves when this is so, which is looked at after each message and at the end. */
  async until(condition: (client: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => void this.#waiting.add(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
