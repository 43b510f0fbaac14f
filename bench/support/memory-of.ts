import { readFile } from 'node:fs/promises'

/** Memory of a process that is in RAM (`VmRSS` of proc(5)), in kilobytes of 1,024 bytes; 0 once it is gone. */
export async function residentKb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
}
