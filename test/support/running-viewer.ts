import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** `porchlight view` as a process of its own, with a home of its own. */
export class RunningViewer implements AsyncDisposable {
  output = ''
  errors = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  /** `prefix` is put before its command, to run it in another network namespace for instance. */
  constructor(home: string, args: readonly string[], { prefix = [] }: { readonly prefix?: readonly string[] } = {}) {
    const [command = '', ...words] = [...prefix, process.execPath, main, 'view', ...args]
    this.#child = spawn(command, words, {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  /** What it prints behind a label: `Page    http://...`. */
  async told(label: string): Promise<string> {
    const line = await eventually(
      () => new RegExp(`^${label} +(.+)$`, 'm').exec(this.output)?.[1] ?? (this.#isOver ? this.errors : undefined),
      (found) => found !== undefined,
      { what: `"${label}" of a viewer`, withinMs: 30_000 },
    )
    if (this.#isOver) throw new Error(`The viewer has ended: ${this.errors}`)
    return line ?? ''
  }

  /** Its exit code. */
  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** As Ctrl-C does. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGINT')
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGKILL')
    await this.#ended
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }
}
