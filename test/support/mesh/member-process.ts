import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PartyNetworkStatus } from '../../../src/party/party-network.ts'
import type { PeerSignal } from '../../../src/wire/party/peer-signal.ts'
import type { LabHost } from '../nat-lab.ts'
import type { MemberAnswer, MemberAsk, MemberOrder, MemberStart } from './member-orders.ts'

const program = fileURLToPath(new URL('../mesh-member-process.ts', import.meta.url))

/** A machine of a party, in a process of its own behind a router of the lab. */
export class MemberProcess implements AsyncDisposable {
  readonly start: MemberStart
  readonly host: LabHost
  /** What its game has heard, and from whom. */
  readonly heard: { readonly text: string; readonly from: string }[] = []
  /** Takes what it signals to others. */
  onSignal: (peer: string, data: PeerSignal) => void = () => {}
  readonly #child: ChildProcess
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #ready = Promise.withResolvers<void>()
  #number = 0

  private constructor(host: LabHost, start: MemberStart) {
    this.host = host
    this.start = start
    const [command, ...args] = [...host.prefix, process.execPath, program, JSON.stringify(start)]
    this.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (answer: MemberAnswer) => this.#hear(answer))
    this.#child.on('exit', (code, signal) => {
      const gone = new Error(`The machine ${start.id} has ended: ${signal ?? code}`)
      this.#ready.reject(gone)
      for (const { reject } of this.#answers.values()) reject(gone)
      this.#answers.clear()
    })
  }

  /** It is on its own: it knows nobody yet. */
  static async open(host: LabHost, start: MemberStart): Promise<MemberProcess> {
    const member = new MemberProcess(host, start)
    await member.#ready.promise
    return member
  }

  tell(order: Extract<MemberOrder, { type: 'peers' | 'signal' }>): void {
    if (this.#child.connected) this.#child.send(order)
  }

  status(): Promise<PartyNetworkStatus> {
    return this.#ask({ type: 'status' }) as Promise<PartyNetworkStatus>
  }

  /** Milliseconds there and back; undefined when nothing came. */
  ping(to: MemberProcess): Promise<number | undefined> {
    return this.#ask({ type: 'ping', to: to.start.virtualIp }) as Promise<number | undefined>
  }

  /** Megabits a second of a copy by TCP. */
  async copy(to: MemberProcess): Promise<number> {
    const ms = (await this.#ask({ type: 'copy', to: to.start.virtualIp })) as number
    return (this.start.copyBytes * 8) / ms / 1000
  }

  async broadcast(text: string, to: string, times = 1): Promise<void> {
    await this.#ask({ type: 'broadcast', text, to, times })
  }

  /** Ends its part of the network; the process stays. */
  async leave(): Promise<void> {
    await this.#ask({ type: 'close' })
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave().catch(() => {})
    await this.kill()
  }

  #ask(ask: MemberAsk): Promise<unknown> {
    if (!this.#child.connected) return Promise.reject(new Error(`The machine ${this.start.id} has ended`))
    const number = this.#number++
    const answer = Promise.withResolvers<unknown>()
    this.#answers.set(number, answer)
    this.#child.send({ ...ask, number })
    return answer.promise
  }

  #hear(answer: MemberAnswer): void {
    switch (answer.type) {
      case 'ready':
        return this.#ready.resolve()
      case 'signal':
        return this.onSignal(answer.peer, answer.data)
      case 'heard':
        return void this.heard.push(answer)
      case 'done':
      case 'failed': {
        const { number } = answer
        const waiting = this.#answers.get(number)
        this.#answers.delete(number)
        if (answer.type === 'done') waiting?.resolve(answer.result)
        else waiting?.reject(new Error(answer.why))
      }
    }
  }
}
