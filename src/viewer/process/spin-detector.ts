import { readdirSync, readFileSync } from 'node:fs'

export interface SpinDetectorOptions {
  /** Where the kernel tells of this process's threads; `/proc/self/task` unless given. */
  readonly tasks?: string
}

/** What is known of a thread that has not waited for anything since. */
interface Busy {
  readonly waits: string
  readonly sinceTicks: number
}

/** The kernel's clock ticks, 100 a second on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Work on one packet takes a thousandth of this. */
const longestSpinTicks = 0.6 * ticksPerSecond

/** Threads of the WebRTC library. */
const isWatched = (name: string) => /^(RTC|juice)/.test(name)

/**
 * Notices a thread of the WebRTC library that spins: it has used the processor for more than half a second without once
 * waiting for a lock, a packet or anything else. A thread that gets no processor is not blamed.
 */
export class SpinDetector {
  readonly #tasks: string
  #busy = new Map<string, Busy>()

  constructor(options: SpinDetectorOptions = {}) {
    this.#tasks = options.tasks ?? '/proc/self/task'
  }

  /** Looks at all threads, a few times a second. For how long one has spun, in seconds of the processor; 0 for none. */
  look(): number {
    const busy = new Map<string, Busy>()
    let longestTicks = 0
    for (const id of readTasks(this.#tasks)) {
      const thread = readThread(`${this.#tasks}/${id}`)
      if (!thread) continue
      const before = this.#busy.get(id)
      const now = before?.waits === thread.waits ? before : { waits: thread.waits, sinceTicks: thread.ticks }
      busy.set(id, now)
      longestTicks = Math.max(longestTicks, thread.ticks - now.sinceTicks)
    }
    this.#busy = busy
    return longestTicks >= longestSpinTicks ? longestTicks / ticksPerSecond : 0
  }
}

function readTasks(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Undefined for a thread that is not watched, or has just ended (proc(5)). */
function readThread(directory: string): { waits: string; ticks: number } | undefined {
  try {
    const stat = readFileSync(`${directory}/stat`, 'latin1')
    const end = stat.lastIndexOf(')')
    if (!isWatched(stat.slice(stat.indexOf('(') + 1, end))) return undefined
    const fields = stat.slice(end + 2).split(' ')
    const status = readFileSync(`${directory}/status`, 'latin1')
    const waits = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]
    return waits === undefined ? undefined : { waits, ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return undefined
  }
}
