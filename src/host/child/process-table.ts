import { readdir, readFile } from 'node:fs/promises'

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

/** Every process that is alive now; what only waits to be reaped (a zombie) is not. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  const names = await readdir('/proc')
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))))
  return entries.filter((entry) => entry !== undefined)
}

/** One process, or undefined when it is gone. */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined
  }
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

/** What a process was given as its environment when it began, one `NAME=value` each; empty when it may not be read. */
export async function readEnvironment(pid: number): Promise<readonly string[]> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0')
  } catch {
    return []
  }
}
