import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { treeOf } from '../../test/support/processes-of.ts'

/** What a server holds: itself, and the processes that it has started, with theirs. */
export interface Held {
  readonly serverMb: number
  readonly serverDescriptors: number
  readonly childrenMb: number
  readonly childrenDescriptors: number
}

const periodMs = 200

export async function heldBy(pid: number): Promise<Held> {
  const [, ...children] = await treeOf(pid)
  const sum = async (pids: readonly number[], read: (each: number) => Promise<number>) => {
    return (await Promise.all(pids.map(read))).reduce((all, each) => all + each, 0)
  }
  return {
    serverMb: await residentMb(pid),
    serverDescriptors: await descriptorsOf(pid),
    childrenMb: await sum(children, residentMb),
    childrenDescriptors: await sum(children, descriptorsOf),
  }
}

/** The most of each that was held until the signal is aborted. */
export async function mostHeldBy(pid: number, signal: AbortSignal): Promise<Held> {
  let most = await heldBy(pid)
  while (!signal.aborted) {
    await pause(periodMs)
    const now = await heldBy(pid)
    most = {
      serverMb: Math.max(most.serverMb, now.serverMb),
      serverDescriptors: Math.max(most.serverDescriptors, now.serverDescriptors),
      childrenMb: Math.max(most.childrenMb, now.childrenMb),
      childrenDescriptors: Math.max(most.childrenDescriptors, now.childrenDescriptors),
    }
  }
  return most
}

/** In RAM (`VmRSS` of proc(5)), in 2^20 bytes; 0 once it is gone. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}

export async function descriptorsOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length
}
