import { readFileSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { messageOf } from '../../kernel/coded-error.ts'
import { ChildError } from './child-error.ts'

/** A process as /proc shows it. `pid` and `startTicks` together never mean another process, unlike `pid` alone. */
export interface ProcessEntry {
  readonly pid: number
  readonly parentPid: number
  readonly groupId: number
  readonly sessionId: number
  /** Whether it has a controlling terminal. */
  readonly hasTerminal: boolean
  /** When it began, in clock ticks since boot (proc(5), `starttime`). */
  readonly startTicks: number
}

/** Files that are read at a time: there may be thousands of processes, and few descriptors. */
const readsAtOnce = 16

/**
 * Every process that is alive now; what only waits to be reaped (a zombie) is not. Rejects with ChildError `cannot-look`:
 * whoever cannot look must not take everybody for dead.
 */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  await checkNamespace()
  const names = await readdir('/proc').catch((error: unknown) => unreadable('/proc', error))
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  return (await eachOf(pids, readProcess)).filter((entry) => entry !== undefined)
}

/**
 * Numbers of another namespace would mean other processes here: `unshare --pid` keeps the /proc of before, for instance.
 * Rejects with ChildError `cannot-look` then.
 */
export async function checkNamespace(): Promise<void> {
  const self = await readlink('/proc/self').catch((error: unknown) => unreadable('/proc/self', error))
  if (self === String(process.pid)) return
  throw new ChildError('cannot-look', 'Cannot look for processes: /proc shows those of another process namespace')
}

/**
 * One process, or undefined when it is gone. Rejects with ChildError `cannot-look`.
 *
 * The kernel answers from memory and waits for nobody, in some 15 microseconds; by the thread pool it would take five ways there and back,
 * and four times the processor's time.
 */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const path = `/proc/${pid}/stat`
  try {
    return parseStat(readFileSync(path, 'latin1'))
  } catch (error) {
    return whenGone(path, error)
  }
}

/** Does the same with each, so many at a time and in a turn of the event loop. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += readsAtOnce) {
    if (at > 0) await nextTurn()
    results.push(...(await Promise.all(items.slice(at, at + readsAtOnce).map(work))))
  }
  return results
}

/** Reads a line of /proc/PID/stat (proc(5)); undefined for a zombie or for what is no such line. */
export function parseStat(line: string): ProcessEntry | undefined {
  // The name stands in parentheses and may itself hold spaces and parentheses, so the fields start after the last one.
  const pid = Number.parseInt(line, 10)
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state, parentPid, groupId, sessionId, terminal] = fields
  const startTicks = Number(fields[19])
  if (state === undefined || state === 'Z' || state === 'X' || !(pid > 0) || !Number.isFinite(startTicks)) {
    return undefined
  }
  return {
    pid,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    hasTerminal: Number(terminal) !== 0,
    startTicks,
  }
}

/**
 * What a process was given as its environment when it began, one `NAME=value` each; empty when it may not be read. Rejects
 * with ChildError `cannot-look`.
 */
export async function readEnvironment(pid: number): Promise<readonly string[]> {
  const path = `/proc/${pid}/environ`
  // It stands in memory of the process, which may be locked for long: this is no read to stand and wait for.
  const text = await readFile(path, 'latin1').catch((error: unknown) => whenGone(path, error))
  return text?.split('\0') ?? []
}

/** What says that a process is gone, or nobody's business. Anything else, no descriptor left for instance, says nothing of it. */
const goneCodes: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])

function whenGone(path: string, error: unknown): undefined {
  if (!goneCodes.has((error as NodeJS.ErrnoException).code)) unreadable(path, error)
}

function unreadable(path: string, error: unknown): never {
  throw new ChildError('cannot-look', `Cannot look at ${path}: ${messageOf(error)}`, { cause: error })
}
