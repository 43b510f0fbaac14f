import { AV_LOG_ERROR } from 'node-av/constants'
import { Log } from 'node-av/lib'

/** FFmpeg's errors, which it prints from any thread, as lines of ours. One for the process. */
export class FfmpegLog {
  readonly #onLine: (line: string) => void
  #last: string | undefined

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
    Log.setCallback(
      (_level, message) => {
        const line = message.trim()
        if (line === '') return
        this.#last = line
        this.#onLine(line)
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
}
