import type { Clock } from '../../kernel/clock.ts'
import { endProcesses } from './end-processes.ts'
import { listProcesses, readEnvironment, type ProcessEntry } from './process-table.ts'

/** The variable that marks every process of one run. */
export const runMarker = 'PORCHLIGHT_RUN'

/**
 * Every living process of a run: those whose environment carries its mark, also when they have detached themselves
 * (double fork, new session), and all that descend from one of them, also when they have dropped their environment.
 */
export async function findRunProcesses(runId: string): Promise<readonly ProcessEntry[]> {
  const mark = `${runMarker}=${runId}`
  const all = (await listProcesses()).filter((entry) => entry.pid !== process.pid)
  const marked = await Promise.all(all.map(async (entry) => (await readEnvironment(entry.pid)).includes(mark)))
  return withDescendants(
    all.filter((_, index) => marked[index]),
    all,
  )
}

export interface EndRunOptions {
  readonly runId: string
  readonly clock: Clock
  /** From SIGTERM to SIGKILL, in milliseconds; 1,000 by default. */
  readonly graceMs?: number | undefined
  /** What holds all of its processes, where there is such a thing. */
  readonly group?: ProcessGroup | undefined
}

/** What a process cannot leave. */
interface ProcessGroup {
  processes(): Promise<readonly ProcessEntry[]>
  kill(): Promise<void>
}

/** Ends every process of a run, in about two seconds at most; resolves with what could not be ended. */
export function endRun({ runId, clock, graceMs, group }: EndRunOptions): Promise<readonly ProcessEntry[]> {
  const find = async () => {
    const [marked, grouped = []] = await Promise.all([findRunProcesses(runId), group?.processes()])
    return [...new Map([...marked, ...grouped].map((entry) => [entry.pid, entry])).values()]
  }
  const killAll = group && (() => group.kill())
  return endProcesses({ find, killAll, clock, ...(graceMs !== undefined && { graceMs }) })
}

function withDescendants(roots: readonly ProcessEntry[], all: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const children = Map.groupBy(all, (entry) => entry.parentPid)
  const found = new Set(roots)
  // A set hands out what is added while it is being walked, so this reaches every generation.
  for (const entry of found) for (const child of children.get(entry.pid) ?? []) found.add(child)
  return [...found]
}
