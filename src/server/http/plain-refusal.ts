import { plainAnswer } from '../../http/plain-answer.ts'
import type { Log } from '../../kernel/log.ts'
import { problemOf } from './problem.ts'
import { securityHeaders } from './security-headers.ts'

/** A refusal on a bare connection, with the headers that every answer of the web port has. */
export function plainRefusal(error: unknown, log: Log): string {
  return plainAnswer(problemOf(error, log), securityHeaders(undefined))
}
