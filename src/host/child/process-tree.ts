import type { Clock } from '../../kernel/clock.ts'
import { endProcesses } from './end-processes.ts'
import { eachOf, listProcesses, readEnvironment, type ProcessEntry } from './process-table.ts'

/** The variable that marks every process of one run, and with it of one host. */
export const runMarker = 'PORCHLIGHT_RUN'

/**
 * The name of a run among those of all hosts of a machine. Two hosts may have lobbies of the same id: one of them began
 * with a copy of the other's data.
 */
export function runName(hostId: string, id: string): string {
  return `${id}.${hostId}`
}

/** What marks a process that a host runs for itself. */
export function hostMark(hostId: string): Readonly<Record<string, string>> {
  return { [runMarker]: runName(hostId, 'host') }
}

/**
 * Every living process of a run: those whose environment carries its mark, also when they have detached themselves
 * (double fork, new session), and all that descend from one of them, also when they have dropped their environment.
 * Those that began before `sinceTicks` are not looked at: a machine has hundreds, and an environment is long. Rejects with ChildError `cannot-look`.
 */
export function findRunProcesses(runId: string, sinceTicks = 0): Promise<readonly ProcessEntry[]> {
  const mark = `${runMarker}=${runId}`
  return findMarked((text) => text === mark, sinceTicks)
}

/** Every living process of every run of a host, and those that it ran for itself, likewise. */
export function findHostProcesses(hostId: string): Promise<readonly ProcessEntry[]> {
  const end = runName(hostId, '')
  return findMarked((text) => text.startsWith(`${runMarker}=`) && text.endsWith(end))
}

/** This process, and what has started it, is never looked for: it may have been started from within a run. */
async function findMarked(isMark: (text: string) => boolean, sinceTicks = 0): Promise<readonly ProcessEntry[]> {
  const all = await listProcesses()
  const spared = lineOf(process.pid, all)
  const others = all.filter(({ pid, startTicks }) => startTicks >= sinceTicks && !spared.has(pid))
  const marked = await eachOf(others, async ({ pid }) => (await readEnvironment(pid)).some(isMark))
  return withDescendants(
    others.filter((_, index) => marked[index]),
    others,
  )
}

export interface EndRunOptions {
  readonly runId: string
  /** When it began, where that is known: see {@link ProcessEntry}. */
  readonly sinceTicks?: number | undefined
  readonly clock: Clock
  /** From SIGTERM to SIGKILL, in milliseconds; 1,000 by default. */
  readonly graceMs?: number | undefined
  /** See `EndProcessesOptions`. */
  readonly keeper?: number | undefined
  /** What holds all of its processes, where there is such a thing. */
  readonly group?: ProcessGroup | undefined
}

/** What a process cannot leave. */
interface ProcessGroup {
  processes(): Promise<readonly ProcessEntry[]>
  kill(): Promise<void>
}

/** Ends every process of a run, in about two seconds at most; resolves with what could not be ended. */
export function endRun({
  runId,
  sinceTicks,
  clock,
  graceMs,
  keeper,
  group,
}: EndRunOptions): Promise<readonly ProcessEntry[]> {
  const find = async () => {
    const [marked, grouped = []] = await Promise.all([findRunProcesses(runId, sinceTicks), group?.processes()])
    return [...new Map([...marked, ...grouped].map((entry) => [entry.pid, entry])).values()]
  }
  const killAll = group && (() => group.kill())
  return endProcesses({ find, killAll, keeper, clock, ...(graceMs !== undefined && { graceMs }) })
}

/** A process and its ancestors. */
function lineOf(pid: number, all: readonly ProcessEntry[]): ReadonlySet<number> {
  const parents = new Map(all.map((entry) => [entry.pid, entry.parentPid]))
  const line = new Set<number>()
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !line.has(at); at = parents.get(at)) line.add(at)
  return line
}

function withDescendants(roots: readonly ProcessEntry[], all: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const children = Map.groupBy(all, (entry) => entry.parentPid)
  const found = new Set(roots)
  // A set hands out what is added while it is being walked, so this reaches every generation.
  for (const entry of found) for (const child of children.get(entry.pid) ?? []) found.add(child)
  return [...found]
}
