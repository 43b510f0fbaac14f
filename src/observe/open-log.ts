import { pino, type Logger } from 'pino'
import type { Log } from '../kernel/log.ts'
import type { Readable } from '../kernel/readable.ts'
import { formatForPeople } from './format-for-people.ts'
import { redact, redactText } from './redact.ts'
import { RepeatedLines } from './repeated-lines.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where lines go: `process.stdout`, a file stream, an array in a test. */
export interface LogDestination {
  write(line: string): unknown
  readonly isTTY?: boolean
}

/** Lines of a level that is lower than the log's are left out. */
const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }

export interface LogOptions {
  /** May change while it is open. */
  readonly level: LogLevel | Readable<LogLevel>
  readonly destination: LogDestination
  /** Lines for people instead of JSON; when left out, if the destination is a terminal. */
  readonly pretty?: boolean
  /** Colours in lines for people; on when left out. */
  readonly colour?: boolean
  /** Monotonic milliseconds; those of the process when left out. */
  readonly nowMs?: () => number
}

/**
 * The log of a process: pino, one JSON object a line, or calm lines for people. Secrets are censored by name, and wherever a link
 * carries one. What is said too often is written so many times a minute, and counted then; lines for debugging are all
 * written.
 */
export function openLog(options: LogOptions): Log {
  const {
    level,
    destination,
    pretty = destination.isTTY === true,
    colour = true,
    nowMs = () => performance.now(),
  } = options
  const stream = pretty
    ? { write: (line: string) => void destination.write(formatForPeople(line, { colour })) }
    : { write: (line: string) => void destination.write(line) }
  const logger = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  const least = () => ranks[typeof level === 'string' ? level : level.value]
  return wrap(logger, least, new RepeatedLines(nowMs))
}

function wrap(logger: Logger, least: () => number, repeated: RepeatedLines): Log {
  const at = (level: 'debug' | 'info' | 'warn' | 'error'): Log[typeof level] => {
    return (message, fields) => {
      if (ranks[level] < least()) return
      if (level !== 'debug') {
        const { isWritten, held } = repeated.next(message)
        for (const each of held)
          logger.warn({ line: redactText(each.line), times: each.times }, 'Left out lines that came too often')
        if (!isWritten) return
      }
      if (fields) logger[level](redact(fields), redactText(message))
      else logger[level](redactText(message))
    }
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => wrap(logger.child(redact(fields)), least, repeated),
  }
}
