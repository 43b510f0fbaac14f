import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ProblemAnswer } from './problem.ts'
import { bareSecurityHeaders } from './security-headers.ts'

/** A refusal as HTTP/1.1 on a bare connection, after which it ends: where nobody answers requests yet, or not any more. */
export function plainAnswer(
  { status, headers, body }: ProblemAnswer,
  security: Readonly<Record<string, string>> = bareSecurityHeaders,
): string {
  const lines = Object.entries({
    ...security,
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

const clientErrorStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** What is no request at all, or comes too slowly, gets a bare answer where one can still be written. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = clientErrorStatus[error.code ?? ''] ?? 400
  endWith(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
