import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type Clock, sleep } from '../../../kernel/clock.ts'
import { type Closable, Ending } from '../../../kernel/ending.ts'
import type { Log } from '../../../kernel/log.ts'
import { dyingWithParent } from '../../../os/child/dying-with-parent.ts'
import { decodeUapiStatus, encodeUapiSet, uapiGet } from '../../../wire/wireguard/uapi.ts'
import type { WireGuardChange, WireGuardStatus } from '../../../wire/wireguard/wireguard-device.ts'
import { WireError } from '../../../wire/wire-error.ts'
import { MeshError } from '../contract/mesh-error.ts'
import type { WireGuard } from '../contract/wireguard.ts'
import { askUapi } from './uapi-socket.ts'

/** Where it listens for what it is to do. The place knows no network namespaces: names are chosen to be nobody else's. */
export const socketOf = (name: string) => `/var/run/wireguard/${name}.sock`

/** To make its interface and to listen: a tenth of a second on an idle machine. */
const startMs = 15_000
const lookEveryMs = 20
const goodbyeMs = 2000

interface UserSpaceOptions {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** What it is run by, where it is not to be in the network of this process. */
  readonly inside?: readonly string[] | undefined
}

/** An interface of `wireguard-go`, in a process that ends with this one. */
export class UserSpaceWireGuard implements WireGuard {
  readonly kind = 'wireguard-go'
  readonly name: string
  readonly closed: Closable['closed']
  readonly #child: ChildProcess
  readonly #ending: Ending

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    this.#ending = new Ending(async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        const late = setTimeout(() => child.kill('SIGKILL'), goodbyeMs)
        await gone
        clearTimeout(late)
      }
      await rm(socketOf(name), { force: true })
    })
    this.closed = this.#ending.closed
    child.once('exit', (code, signal) => {
      void this.#ending.fail(new MeshError('closed', `wireguard-go ended by itself (${signal ?? code})`))
    })
  }

  /** Rejects with MeshError `command-failed` in its own words, `not-permitted` where it may not make an interface. */
  static async open(program: string, { name, clock, log, inside = [] }: UserSpaceOptions): Promise<UserSpaceWireGuard> {
    const [first, ...rest] = [...inside, program, '-f', name]
    const [command, ...args] = dyingWithParent(process.env.PATH, [first, ...rest])
    const environment = { PATH: process.env.PATH, LOG_LEVEL: 'error' }
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment })
    let last = 'it gives no reason'
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        if (/error|failed/i.test(line)) last = line.trim()
        log.debug('wireguard-go says', { line })
      })
    }
    let failed: string | undefined
    child.once('error', (error) => (failed = error.message))
    const opened = new UserSpaceWireGuard(name, child)
    const untilMs = clock.nowMs() + startMs
    while (!(await opened.#answers())) {
      if (failed === undefined && !opened.#ending.begun && clock.nowMs() < untilMs) {
        await sleep(clock, lookEveryMs)
        continue
      }
      // What it wrote at last is read before it is told.
      await sleep(clock, lookEveryMs)
      await opened.close()
      const code = /operation not permitted|permission denied/i.test(last) ? 'not-permitted' : 'command-failed'
      throw new MeshError(code, `wireguard-go did not make the interface ${name}: ${failed ?? last}`)
    }
    return opened
  }

  async change(change: WireGuardChange): Promise<void> {
    await this.#ask(encodeUapiSet(change))
  }

  async status(): Promise<WireGuardStatus> {
    const lines = await this.#ask(uapiGet)
    try {
      return decodeUapiStatus(lines)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      throw new MeshError('refused', error.message, { cause: error })
    }
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #ask(request: string): ReturnType<typeof askUapi> {
    if (this.#ending.begun) throw new MeshError('closed', `The interface ${this.name} is gone`)
    return askUapi(socketOf(this.name), request)
  }

  async #answers(): Promise<boolean> {
    return (
      this.#child.pid !== undefined &&
      this.#ask(uapiGet).then(
        () => true,
        () => false,
      )
    )
  }
}
