import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { WebSocket } from 'ws'
import { eventually } from '../../test/support/eventually.ts'

/** Memory of a process in kilobytes of 1,024 bytes. */
export interface Memory {
  /** In RAM (`VmRSS` of proc(5)). */
  readonly residentKb: number
  /** Objects of its JavaScript heap. */
  readonly heapKb: number
}

/** Where Node's inspector listens after SIGUSR1. */
const inspectorAddress = 'http://127.0.0.1:9229/json'

/**
 * Reads the memory of a Node process after it has collected its garbage, through its inspector: what is there then is
 * really held. One process at a time.
 */
export class MemoryMeter implements AsyncDisposable {
  readonly #pid: number
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (result: Record<string, unknown>) => void>()
  #calls = 0

  private constructor(pid: number, socket: WebSocket) {
    this.#pid = pid
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      const { id, result = {} } = JSON.parse(data.toString()) as { id?: number; result?: Record<string, unknown> }
      if (id !== undefined) this.#answers.get(id)?.(result)
    })
  }

  static async open(pid: number): Promise<MemoryMeter> {
    process.kill(pid, 'SIGUSR1')
    const find = async () => {
      const response = await fetch(inspectorAddress).catch(() => undefined)
      const targets = (await response?.json()) as { webSocketDebuggerUrl: string }[] | undefined
      return targets?.[0]?.webSocketDebuggerUrl
    }
    const url = await eventually(find, (found) => found !== undefined, { what: 'an inspector', withinMs: 10_000 })
    const socket = new WebSocket(url ?? '')
    await once(socket, 'open')
    return new MemoryMeter(pid, socket)
  }

  async read(): Promise<Memory> {
    await this.#call('HeapProfiler.collectGarbage')
    const { usedSize } = await this.#call('Runtime.getHeapUsage')
    const status = await readFile(`/proc/${this.#pid}/status`, 'latin1')
    return { residentKb: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]), heapKb: Number(usedSize) / 1024 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  #call(method: string): Promise<Record<string, unknown>> {
    const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>()
    const id = ++this.#calls
    this.#answers.set(id, (result) => {
      this.#answers.delete(id)
      resolve(result)
    })
    this.#socket.send(JSON.stringify({ id, method }))
    return promise
  }
}
