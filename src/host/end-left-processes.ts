import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { Log } from '../kernel/log.ts'
import { endProcesses } from './child/end-processes.ts'
import { findHostProcesses } from './child/process-tree.ts'

/**
 * Ends what runs although its host was killed: what the kernel does not end with its parent. Of one that holds a port, the
 * next start would find it taken. Never rejects.
 */
export async function endLeftProcesses(options: {
  readonly hostId: string
  readonly clock: Clock
  readonly log: Log
}): Promise<void> {
  const { hostId, clock, log } = options
  const find = () => findHostProcesses(hostId)
  const found = await find().catch((error: unknown) => {
    log.warn('What an earlier run has left cannot be looked for', { error: messageOf(error) })
    return []
  })
  if (found.length === 0) return
  const left = await endProcesses({ find, clock })
  const pids = left.map(({ pid }) => pid)
  if (left.length > 0) log.error('Cannot end what an earlier run has left', { pids })
  else log.warn('Ended what an earlier run has left', { count: found.length })
}
