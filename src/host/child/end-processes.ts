import { sleep, type Clock } from '../../kernel/clock.ts'
import { readProcess, type ProcessEntry } from './process-table.ts'

export interface EndProcessesOptions {
  /**
   * Those that are to end and still live; asked again in every round, so that what they fork meanwhile is found. While it
   * rejects, nothing is known, and only `killAll` can help.
   */
  readonly find: () => Promise<readonly ProcessEntry[]>
  /** Kills all of them at once; called in every round of SIGKILL. */
  readonly killAll?: (() => Promise<void>) | undefined
  /** One that ends by itself with the last of those that it keeps, and would take them with it: it is not asked to end. */
  readonly keeper?: number | undefined
  readonly clock: Clock
  /** From SIGTERM to SIGKILL, in milliseconds; 1,000 by default. */
  readonly graceMs?: number
}

/** How long SIGKILL is repeated. What lives on then hangs in the kernel, and nobody can end it. */
const patienceMs = 1000
const longestPollMs = 100
/** How long it is tried to see processes at all. */
const blindMs = 200

/** Ends processes: SIGTERM, then SIGKILL. Resolves when they are gone, or with what could not be ended. */
export async function endProcesses(options: EndProcessesOptions): Promise<readonly ProcessEntry[]> {
  const { find, killAll, keeper, clock, graceMs = 1000 } = options
  const killAtMs = clock.nowMs() + graceMs
  const blindAtMs = clock.nowMs() + blindMs
  const asked = new Set<string>()
  let kills = 0
  let known: readonly ProcessEntry[] = []
  for (let pollMs = 5; ; pollMs = Math.min(pollMs * 2, longestPollMs)) {
    const found = await find().catch(() => undefined)
    const alive = found ?? known
    known = alive
    const nowMs = clock.nowMs()
    // On a machine that is busy, a look around may take longer than all of the patience.
    const isHopeless = kills >= 2 && nowMs >= killAtMs + patienceMs
    // Whoever sees nobody and can kill nobody unseen has nothing to wait for, but that it may see again.
    const isBlind = alive.length === 0 && !killAll && nowMs >= blindAtMs
    if (found?.length === 0 || isHopeless || isBlind) return alive
    if (nowMs >= killAtMs) {
      kills++
      await killAll?.()
    }
    for (const entry of alive) {
      const key = `${entry.pid}/${entry.startTicks}`
      if (nowMs >= killAtMs) await signalProcess(entry, 'SIGKILL')
      else if (!asked.has(key) && entry.pid !== keeper) await signalProcess(entry, 'SIGTERM')
      asked.add(key)
    }
    await sleep(clock, nowMs < killAtMs ? Math.min(pollMs, killAtMs - nowMs) : pollMs)
  }
}

/** Signals this very process and never another one that has been given its number since. */
async function signalProcess(entry: ProcessEntry, signal: NodeJS.Signals): Promise<void> {
  try {
    const now = await readProcess(entry.pid)
    if (now?.startTicks !== entry.startTicks) return
    process.kill(entry.pid, signal)
  } catch {
    // Gone in between, not ours to signal, or not to be looked at: the next round of the caller tells which.
  }
}
