import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What is asked of the load, and for how long. */
export interface LoadOrder {
  readonly port: number
  readonly secure: boolean
  /** How many connections there are at a time. */
  readonly connections: number
  /** Whether a connection is used again, or a new one is made for each request. */
  readonly keepAlive: boolean
  readonly durationMs: number
}

/** Requests to a web port of this machine, from a process of their own; http-load-process.ts. */
export class HttpLoad implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(fileURLToPath(new URL('http-load-process.ts', import.meta.url)))
  }

  /** How many requests a second were answered. */
  async run(order: LoadOrder): Promise<number> {
    this.#child.send(order)
    const [answered] = (await once(this.#child, 'message')) as [number]
    return (answered / order.durationMs) * 1000
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
