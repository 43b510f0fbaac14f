import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Reception {
  /** Address of the signalling WebSocket. */
  readonly url: string
  readonly token?: string
  readonly lobbyId?: string
  /** The most that each wants to be sent, in bits a second; 0 for no limit. */
  readonly limitBps: number
  readonly bindAddress?: string
  /** `porchlight://…` with an invitation: by the native transport instead, in which packets are not told apart. */
  readonly nativeLink?: string
}

/** What has been received since the last sample. */
export interface ReceiverSample {
  /** In the order in which they were opened. */
  readonly viewers: readonly {
    readonly packets: number
    readonly bytes: number
    /** Complete pictures that can be decoded. */
    readonly pictures: number
    readonly keyPictures: number
    /** Packets that came after they had been asked for. */
    readonly recovered: number
    readonly audioPackets: number
    readonly audioBytes: number
    readonly longestGapMs: number
    /** Gaps of more than 250 ms between two pictures, and their sum. */
    readonly freezes: number
    readonly frozenMs: number
  }[]
  /** Pictures of different contents, of all receivers together. */
  readonly distinctPictures: number
}

export type ReceiverOrder =
  | ({ readonly do: 'open'; readonly id: number; readonly count: number } & Reception)
  | { readonly do: 'sample' | 'close'; readonly id: number }

export type ReceiverAnswer =
  | { readonly id: number; readonly sample: ReceiverSample }
  | { readonly id: number; readonly error: string }

/** Real receivers, by WebRTC or by the native transport, in a process of their own. */
export class Receivers implements AsyncDisposable {
  readonly #child: ChildProcess
  #orders = 0

  /** `prefix` is put before the command, to run it in another network namespace for instance. */
  constructor(prefix: readonly string[] = []) {
    const program = fileURLToPath(new URL('receiver-process.ts', import.meta.url))
    const [execPath, ...execArgv] = [...prefix, process.execPath]
    this.#child = fork(program, { execPath, execArgv })
  }

  /** Of the process; with a prefix that does not replace itself by what it runs, of that. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Adds viewers, one after the other; resolves when each has been sent a picture. */
  async open(count: number, options: Reception): Promise<void> {
    await this.#order({ do: 'open', id: ++this.#orders, count, ...options })
  }

  /** What has been received since the last sample. */
  sample(): Promise<ReceiverSample> {
    return this.#order({ do: 'sample', id: ++this.#orders })
  }

  /** Ends all viewers; the process stays. */
  async close(): Promise<void> {
    await this.#order({ do: 'close', id: ++this.#orders })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  async #order(order: ReceiverOrder): Promise<ReceiverSample> {
    this.#child.send(order)
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [ReceiverAnswer]
      if (message.id !== order.id) continue
      if ('error' in message) throw new Error(message.error)
      return message.sample
    }
  }
}
