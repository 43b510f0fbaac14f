import { readFileSync } from 'node:fs'

/** What the kernel says of the main thread of a process (proc(5)). */
export interface MainThread {
  /** Somebody has stopped it (SIGSTOP). */
  readonly isStopped: boolean
  /** How long, in all, it could have run and got no processor. 0 where the kernel does not tell. */
  readonly waitedMs: number
}

/** Undefined for a process that is gone or cannot be seen. */
export function readMainThread(pid: number | undefined, proc = '/proc'): MainThread | undefined {
  try {
    const task = `${proc}/${pid}/task/${pid}`
    const stat = readFileSync(`${task}/stat`, 'latin1')
    const isStopped = stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
    return { isStopped, waitedMs: waited(`${task}/schedstat`) }
  } catch {
    return undefined
  }
}

function waited(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
