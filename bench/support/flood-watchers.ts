import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What two watchers have seen since the last sample. */
export interface WatcherSample {
  readonly rtc: WatcherPictures
  readonly web: WatcherPictures
  /** The server's, for media. */
  readonly udpPort: number
}

export interface WatcherPictures {
  readonly pictures: number
  readonly longestGapMs: number
  /** Times that it lost its connection. */
  readonly losses: number
}

export type WatcherOrder =
  | {
      readonly do: 'watch'
      readonly id: number
      readonly url: string
      readonly token: string
      readonly lobbyId: string
    }
  | { readonly do: 'sample'; readonly id: number }

export type WatcherAnswer =
  | { readonly id: number; readonly sample: WatcherSample }
  | { readonly id: number; readonly error: string }

/** A viewer over WebRTC and one through the web port, in a process of their own. */
export class FloodWatchers implements AsyncDisposable {
  readonly #child: ChildProcess
  #orders = 0

  constructor() {
    this.#child = fork(fileURLToPath(new URL('flood-watchers-process.ts', import.meta.url)))
  }

  /** Resolves when both have seen a picture. */
  watch(lobby: { readonly url: string; readonly token: string; readonly lobbyId: string }): Promise<WatcherSample> {
    return this.#order({ do: 'watch', id: ++this.#orders, ...lobby })
  }

  /** What they have seen since the last sample. */
  sample(): Promise<WatcherSample> {
    return this.#order({ do: 'sample', id: ++this.#orders })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }

  async #order(order: WatcherOrder): Promise<WatcherSample> {
    this.#child.send(order)
    for (;;) {
      const [answer] = (await once(this.#child, 'message')) as [WatcherAnswer]
      if (answer.id !== order.id) continue
      if ('error' in answer) throw new Error(answer.error)
      return answer.sample
    }
  }
}
