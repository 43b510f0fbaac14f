import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '../../kernel/log.ts'
import { problemOf } from './problem.ts'
import { securityHeaders } from './security-headers.ts'

/** A refusal as HTTP/1.1 on a bare connection, after which it ends: where nobody answers requests yet, or not any more. */
export function plainAnswer(error: unknown, log: Log): string {
  const { status, headers, body } = problemOf(error, log)
  const lines = Object.entries({
    ...securityHeaders(undefined),
    ...headers,
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
}

/** Sends the last that is said on a connection, and ends it. */
export function endWith(socket: Duplex, answer: string): void {
  socket.end(answer, () => socket.destroy())
}
