import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What is opened of Moonlight, and where. */
export interface MoonlightReception {
  readonly webPort: number
  readonly token: string
  /** That of HTTP. */
  readonly moonlightPort: number
  /** Of the lobby, as it is listed. */
  readonly title: string
  readonly bitrateKbps: number
}

/** What has been received since the last sample. */
export interface MoonlightSample {
  readonly viewers: readonly { readonly packets: number; readonly bytes: number; readonly pictures: number }[]
  /** Pictures of different contents, of all receivers together. */
  readonly distinctPictures: number
}

export type MoonlightOrder =
  | ({ readonly do: 'open'; readonly id: number; readonly count: number } & MoonlightReception)
  | { readonly do: 'sample' | 'close'; readonly id: number }

type Answer =
  | { readonly id: number; readonly sample: MoonlightSample }
  | { readonly id: number; readonly error: string }

/** Clients of Moonlight in a process of their own. */
export class MoonlightReceivers implements AsyncDisposable {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('moonlight-receivers-process.ts', import.meta.url)))
  #orders = 0

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Adds clients, one after the other; resolves when each has been sent a picture. */
  async open(count: number, options: MoonlightReception): Promise<void> {
    await this.#order({ do: 'open', id: ++this.#orders, count, ...options })
  }

  /** What has been received since the last sample. */
  sample(): Promise<MoonlightSample> {
    return this.#order({ do: 'sample', id: ++this.#orders })
  }

  /** Ends all; the process stays. */
  async close(): Promise<void> {
    await this.#order({ do: 'close', id: ++this.#orders })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  async #order(order: MoonlightOrder): Promise<MoonlightSample> {
    this.#child.send(order)
    for (;;) {
      const [message] = (await once(this.#child, 'message')) as [Answer]
      if (message.id !== order.id) continue
      if ('error' in message) throw new Error(message.error)
      return message.sample
    }
  }
}
