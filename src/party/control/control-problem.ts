import { HttpError } from '../../http/http-error.ts'
import { problemAnswer, type ProblemAnswer } from '../../http/problem.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { PartyError, type PartyErrorCode } from '../contract/party-error.ts'

const statuses: Readonly<Record<PartyErrorCode, number>> = {
  invalid: 422,
  unauthenticated: 401,
  'code-required': 403,
  'wrong-code': 403,
  'wrong-secret': 403,
  'not-yours': 403,
  'not-the-host': 403,
  'not-a-member': 403,
  'not-served': 403,
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
  refused: 502,
  'no-party': 409,
  'in-a-party': 409,
  'code-unknown': 404,
  closed: 503,
}

const challenge = { 'WWW-Authenticate': 'Bearer realm="porchlight-control"' }

export const notFound = problemAnswer({
  status: 404,
  code: 'not-found',
  detail: 'There is nothing at this address',
})

/** A problem of whatever was thrown. What nobody foresaw is logged, and told to nobody else. */
export function controlProblem(error: unknown, log: Log): ProblemAnswer {
  if (error instanceof PartyError) {
    if (error.code === 'not-recorded') log.error('A change of a party could not be written', { error: error.message })
    // Which disk it is, and why it refuses, is the business of whoever runs the control plane.
    const detail =
      error.code === 'not-recorded' ? 'The control plane could not write this down: nothing has changed' : error.message
    const status = statuses[error.code]
    return problemAnswer({ status, code: error.code, detail, ...(status === 401 && { headers: challenge }) })
  }
  if (error instanceof HttpError) {
    const isMethod = error.code === 'method-not-allowed'
    // A client of seed 002's system knows one status for all that is wrong with what it sends.
    const [status, code] = isMethod ? [405, error.code] : [statuses.invalid, 'invalid']
    return problemAnswer({ status, code, detail: error.message, headers: error.headers, errors: error.errors })
  }
  log.error('A request of a party failed', { error: messageOf(error) })
  const detail = 'Something went wrong on the control plane; its log says what'
  return problemAnswer({ status: 500, code: 'internal-error', detail })
}
