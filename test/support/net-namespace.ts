import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A network namespace of its own. It is gone with the last process in it, and with this process whatever ends that. */
export class NetNamespace implements AsyncDisposable {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  /** Needs the right to make one: root, or root of a user namespace. */
  static async open(): Promise<NetNamespace> {
    const command = ['--pdeathsig', 'KILL', 'unshare', '--net', '--', 'sh', '-c', 'echo made; exec sleep infinity']
    const holder = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    const made = once(holder.stdout, 'data')
    const failed = once(holder, 'exit').then(([code]) => {
      throw new Error(`Cannot make a network namespace: setpriv or unshare ended with ${code}`)
    })
    failed.catch(() => {})
    await Promise.race([made, failed])
    return new NetNamespace(holder)
  }

  /** As `ip` takes a namespace. */
  get pid(): string {
    return String(this.#holder.pid)
  }

  /** Put before a command line, it runs there. */
  get prefix(): readonly string[] {
    return ['nsenter', '--target', this.pid, '--net', '--']
  }

  /** Runs a command there to its end; rejects when it fails. */
  async run(...command: readonly string[]): Promise<void> {
    const [program = '', ...args] = [...this.prefix, ...command]
    await run(program, args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#holder, 'exit')
    this.#holder.kill('SIGKILL')
    await gone
  }
}
