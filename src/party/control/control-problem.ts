import { STATUS_CODES } from 'node:http'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { PartyError, type PartyErrorCode } from '../contract/party-error.ts'

const statuses: Readonly<Record<PartyErrorCode, number>> = {
  invalid: 422,
  unauthenticated: 401,
  'code-required': 403,
  'wrong-code': 403,
  'not-yours': 403,
  'not-the-host': 403,
  'not-a-member': 403,
  'party-not-found': 404,
  'peer-not-found': 404,
  'party-exists': 409,
  'peer-id-taken': 409,
  'peer-offline': 409,
  'party-full': 409,
  'too-many-parties': 429,
  'too-many-peers': 429,
  'too-many-relays': 429,
  'too-many-requests': 429,
  unreachable: 502,
  'not-recorded': 507,
  closed: 503,
}

/** A problem (RFC 9457) of whatever was thrown. What nobody foresaw is logged, and told to nobody else. */
export function controlProblem(error: unknown, log: Log): Response {
  if (error instanceof PartyError) {
    if (error.code === 'not-recorded') log.error('A change of a party could not be written', { error: error.message })
    // Which disk it is, and why it refuses, is the business of whoever runs the control plane.
    const detail =
      error.code === 'not-recorded' ? 'The control plane could not write this down: nothing has changed' : error.message
    return problem(statuses[error.code], error.code, detail)
  }
  log.error('A request of a party failed', { error: messageOf(error) })
  return problem(500, 'internal-error', 'Something went wrong on the control plane; its log says what')
}

export function problem(status: number, code: string, detail: string, headers: Record<string, string> = {}): Response {
  const title = STATUS_CODES[status] ?? 'Error'
  const body = { type: `urn:porchlight:problem:${code}`, title, status, code, detail }
  return Response.json(body, {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="porchlight-control"' }),
      ...headers,
    },
  })
}
