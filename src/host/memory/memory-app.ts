import { Ending } from '../../kernel/ending.ts'
import type { RunningApp, RunOptions } from '../run/contract/runner.ts'

/** A running app in memory: it does nothing until it ends. */
export class MemoryApp implements RunningApp {
  readonly options: RunOptions
  readonly output: string[] = []
  readonly closed
  readonly #ending = new Ending(() => this.#held)
  #held: Promise<void> | undefined

  constructor(options: RunOptions) {
    this.options = options
    this.closed = this.#ending.closed
  }

  /** Its end takes until `release` resolves. */
  holdEnd(release: Promise<void>): void {
    this.#held = release
  }

  /** It prints something. */
  print(text: string): void {
    this.options.onOutput?.(text)
  }

  /** It ends by itself: cleanly, or with an error. */
  exit(error?: Error): Promise<void> {
    return error ? this.#ending.fail(error) : this.#ending.close('it has exited')
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
