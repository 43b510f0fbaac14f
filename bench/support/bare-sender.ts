import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A sender of packets that does nothing else, in a process of its own; bare-sender-process.ts. */
export class BareSender implements AsyncDisposable {
  /** Address of its signalling WebSocket. */
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** One that sends so many bytes of H.264 to each viewer, 60 times a second. */
  static async start(options: { udpPort: number; bytesPerPicture: number }): Promise<BareSender> {
    const program = fileURLToPath(new URL('bare-sender-process.ts', import.meta.url))
    const child = fork(program, [options.udpPort, options.bytesPerPicture].map(String))
    const [port] = (await once(child, 'message')) as [number]
    return new BareSender(child, `ws://127.0.0.1:${port}`)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
