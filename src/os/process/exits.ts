import { constants } from 'node:os'

/** How a process ended: by itself, or by a signal; neither where nobody can tell. */
export interface ExitStatus {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** waitpid(2); the status is written where it is told to. */
export type WaitPid = (pid: number, status: Int32Array, options: number) => number

const noHang = 1
/** Once in a while it looks without having been told: a signal may be lost, and Node stays for what it waits for. */
const periodMs = 1000
/** Those that have two names go by the first, as everywhere. */
const signalNames = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name as NodeJS.Signals]),
)
const nobodyKnows: ExitStatus = { code: null, signal: null }

/** Waits for the ends of processes that this one has started without Node's doing. On the main thread, which hears signals. */
export class Exits {
  readonly #waitpid: WaitPid
  readonly #waiting = new Map<number, (status: ExitStatus) => void>()
  readonly #status = new Int32Array(1)
  readonly #look = () => this.#lookAtAll()
  #timer: NodeJS.Timeout | undefined

  constructor(waitpid: WaitPid) {
    this.#waitpid = waitpid
  }

  /** Resolves when it has ended, and is gone. */
  of(pid: number): Promise<ExitStatus> {
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) {
        process.on('SIGCHLD', this.#look)
        this.#timer = setInterval(this.#look, periodMs)
      }
      this.#waiting.set(pid, resolve)
      // It may have ended before it was waited for.
      this.#look()
    })
  }

  #lookAtAll(): void {
    for (const [pid, resolve] of this.#waiting) {
      const gone = this.#waitpid(pid, this.#status, noHang)
      if (gone === 0) continue
      this.#waiting.delete(pid)
      resolve(gone === pid ? exitStatus(this.#status[0] ?? 0) : nobodyKnows)
    }
    if (this.#waiting.size > 0) return
    process.off('SIGCHLD', this.#look)
    clearInterval(this.#timer)
  }
}

/** wait(2): the signal in the lower seven bits, or the code in the next byte. */
function exitStatus(status: number): ExitStatus {
  const signal = status & 0x7f
  return signal === 0
    ? { code: (status >> 8) & 0xff, signal: null }
    : { code: null, signal: signalNames.get(signal) ?? null }
}
