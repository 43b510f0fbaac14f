import type { Log } from '../kernel/log.ts'
import type { Readable } from '../kernel/readable.ts'
import { openLog, type LogDestination } from '../observe/open-log.ts'
import type { LogLevel } from './config/config-options.ts'

/** The log of a server: lines for people on a terminal, JSON anywhere else. */
export function openServerLog(level: LogLevel | Readable<LogLevel>, destination: LogDestination): Log {
  return openLog({ level, destination })
}
