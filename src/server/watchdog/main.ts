import { workerData } from 'node:worker_threads'
import { writeLastLine } from './last-line.ts'
import type { WatchdogOrders } from './orders.ts'
import { handledSignals, isTraced } from './process-status.ts'
import { SharedBeats } from './shared-beats.ts'
import { Standing } from './standing.ts'

const orders = workerData as WatchdogOrders
const beats = new SharedBeats(orders.beats)
const standing = new Standing(orders.limitTicks)
const underWayMs = 3000

const timer = setInterval(() => {
  const found = standing.tick(beats.count, beats.isDebugged)
  if (found === 'lives') return
  // Each signal that has come is no longer handled; what its handler would have done is waiting for the main thread.
  const come = orders.signals.length - handledSignals(orders.signals).length
  if (come >= 2) void end('A second signal has come while the main thread stands: the server ends at once')
  else if (found === 'too-long' && !isTraced()) {
    const forMs = orders.limitTicks * orders.tickMs
    void end(`The main thread has stood for ${forMs / 1000} s: the server is ended`)
  }
}, orders.tickMs)

/** The main thread can close nothing any more; the next start cleans up. */
async function end(message: string): Promise<void> {
  clearInterval(timer)
  try {
    // Loaded when they are needed, which is never in most lives.
    const { findUnderWay } = await import('./under-way.ts')
    const { openServerLog } = await import('../server-log.ts')
    const underWay = await findUnderWay(underWayMs)
    const lines: string[] = []
    openServerLog(orders.logLevel, { write: (line) => lines.push(line), isTTY: orders.isTTY }).error(message, {
      ...underWay,
    })
    // Not by process.stderr, which is the main thread's.
    await writeLastLine(2, lines.join(''))
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}
