import { url as debuggerUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import type { LogLevel } from '../config/config-options.ts'
import type { WatchdogOrders } from './orders.ts'
import { SharedBeats } from './shared-beats.ts'

/** A main thread that stands for so long does nothing for anybody any more. */
export const longestStandMs = 10_000

const tickMs = 500
/** It watches, and logs one line in its life. */
const memory = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 }

export interface WatchdogOptions {
  /** Those that were made one-shot: while the main thread stands, the second one of them, whichever, ends the process. */
  readonly signals: readonly NodeJS.Signals[]
  readonly logLevel: LogLevel
  /** Whether standard error, where the last line goes, is a terminal. */
  readonly isTTY: boolean
  readonly log: Log
  /** 10 s by default. */
  readonly limitMs?: number
}

/**
 * Watches the main thread, which has to call this, from a thread beside it: one that stands for too long ends the process,
 * with a last line in the log that says what was under way. A machine that sleeps, a process that is stopped and a
 * debugger are no reason. Without threads there is no watchdog, which is logged.
 */
export function openWatchdog({
  signals,
  logLevel,
  isTTY,
  log,
  limitMs = longestStandMs,
}: WatchdogOptions): AsyncDisposable {
  const beats = new SharedBeats()
  const orders: WatchdogOrders = {
    beats: beats.memory,
    tickMs,
    limitTicks: Math.ceil(limitMs / tickMs),
    signals,
    logLevel,
    isTTY,
  }
  const worker = new Worker(new URL('main.ts', import.meta.url), { workerData: orders, resourceLimits: memory })
  worker.on('error', (error) =>
    log.warn('The watchdog has failed: a server that hangs is not ended', { error: messageOf(error) }),
  )
  worker.unref()
  const timer = setInterval(() => beats.beat(debuggerUrl() !== undefined), tickMs).unref()
  return {
    async [Symbol.asyncDispose]() {
      await worker.terminate()
      clearInterval(timer)
    },
  }
}
