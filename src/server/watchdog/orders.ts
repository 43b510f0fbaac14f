import type { LogLevel } from '../config/config-options.ts'

/** What the thread of the watchdog is given at its start. */
export interface WatchdogOrders {
  readonly beats: SharedArrayBuffer
  readonly tickMs: number
  /** Without a sign of life for so many ticks, the process is ended. */
  readonly limitTicks: number
  /** Signals whose handlers are called once. */
  readonly signals: readonly NodeJS.Signals[]
  readonly logLevel: LogLevel
  /** Whether standard error is a terminal. */
  readonly isTTY: boolean
}
