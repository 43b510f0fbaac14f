import { readdir, readFile } from 'node:fs/promises'

/** `CONFIG_HZ` as userland sees it (`getconf CLK_TCK`), the same on every Linux of today. */
const ticksPerSecond = 100

/** Processor time that a process has used so far, user and system, in milliseconds; 0 once it is gone. */
export async function processorMs(pid: number): Promise<number> {
  const line = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // proc(5): the name in parentheses may hold spaces; utime and stime are fields 14 and 15.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 1000) / ticksPerSecond
}

/** The same of the threads that a process has now, in nanoseconds' steps and not in ticks: for times of few ticks. Where a thread ended in between, its time is missing. */
export async function threadsMs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const times = threads.map(async (thread) => {
    // schedstat, in the kernel's sched-stats.rst: time on a processor, time waited for one, times it was given one.
    const [onNs] = (await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').catch(() => '0')).split(' ')
    return Number(onNs) / 1e6
  })
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0)
}

/** Processor time of the whole machine that was not idle, in milliseconds, of all cores together. */
export async function machineBusyMs(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'latin1')).split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.trim().split(/\s+/).slice(1).map(Number)
  return ((user + nice + system + irq + softIrq) * 1000) / ticksPerSecond
}

/** Groups of processes whose processor time is measured together, by what they are called in the results. */
export type ProcessGroups = Readonly<Record<string, readonly number[]>>

/** Measures groups of processes, and the whole machine as `machine`, from now until `stop`, in percent of one core. */
export async function meterProcessors<Groups extends ProcessGroups>(
  groups: Groups,
): Promise<{ stop(): Promise<Readonly<Record<keyof Groups | 'machine', number>>> }> {
  const read = async () => {
    const sums = Object.entries(groups).map(async ([name, pids]) => {
      const times = await Promise.all(pids.map(processorMs))
      return [name, times.reduce((sum, time) => sum + time, 0)] as const
    })
    return {
      atMs: performance.now(),
      usedMs: new Map([...(await Promise.all(sums)), ['machine', await machineBusyMs()]]),
    }
  }
  const before = await read()
  return {
    async stop() {
      const after = await read()
      const percent = [...after.usedMs].map(([name, usedMs]) => {
        return [name, ((usedMs - (before.usedMs.get(name) ?? 0)) / (after.atMs - before.atMs)) * 100] as const
      })
      return Object.fromEntries(percent) as Record<keyof Groups | 'machine', number>
    },
  }
}
