/** Facts that go with a log line. Never tokens, PINs, typed text or clipboard contents. */
export type LogFields = Readonly<Record<string, unknown>>

/** The log as every part sees it; `src/observe` puts pino behind it. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log whose lines all carry `fields`. */
  with(fields: LogFields): Log
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
}
