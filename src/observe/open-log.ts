import { pino, type Logger } from 'pino'
import type { Log } from '../kernel/log.ts'
import { formatForPeople } from './format-for-people.ts'
import { redact, redactText } from './redact.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where lines go: `process.stdout`, a file stream, an array in a test. */
export interface LogDestination {
  write(line: string): unknown
  readonly isTTY?: boolean
}

export interface LogOptions {
  readonly level: LogLevel
  readonly destination: LogDestination
  /** Lines for people instead of JSON; when left out, if the destination is a terminal. */
  readonly pretty?: boolean
  /** Colours in lines for people; on when left out. */
  readonly colour?: boolean
}

/**
 * The log of a process: pino, one JSON object a line, or calm lines for people. Secrets are censored by name, and wherever a link
 * carries one.
 */
export function openLog(options: LogOptions): Log {
  const { level, destination, pretty = destination.isTTY === true, colour = true } = options
  const stream = pretty
    ? { write: (line: string) => void destination.write(formatForPeople(line, { colour })) }
    : { write: (line: string) => void destination.write(line) }
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  return wrap(logger)
}

function wrap(logger: Logger): Log {
  const at = (level: 'debug' | 'info' | 'warn' | 'error'): Log[typeof level] => {
    return (message, fields) => {
      if (!logger.isLevelEnabled(level)) return
      if (fields) logger[level](redact(fields), redactText(message))
      else logger[level](redactText(message))
    }
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => wrap(logger.child(redact(fields))),
  }
}
