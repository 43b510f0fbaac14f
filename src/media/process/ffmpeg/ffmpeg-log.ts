import { AV_LOG_ERROR } from 'node-av/constants'
import { Log } from 'node-av/lib'
import { monotonicUs } from '../../contract/monotonic.ts'

/** A coder that complains of every picture is heard this often a second. */
const linesPerSecond = 10

/** FFmpeg's errors, which it prints from any thread, as lines of ours. One for the process. */
export class FfmpegLog {
  readonly #onLine: (line: string) => void
  #last: string | undefined
  #second = 0
  #lines = 0

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
    Log.setCallback(
      (_level, message) => {
        const line = message.trim()
        if (line === '') return
        this.#last = line
        if (this.#admits()) this.#onLine(line)
      },
      { maxLevel: AV_LOG_ERROR },
    )
  }

  /** The last line since this was asked before. */
  takeLast(): string | undefined {
    const last = this.#last
    this.#last = undefined
    return last
  }

  #admits(): boolean {
    const second = Math.floor(monotonicUs() / 1_000_000)
    if (second !== this.#second) this.#lines = 0
    this.#second = second
    return ++this.#lines <= linesPerSecond
  }
}
