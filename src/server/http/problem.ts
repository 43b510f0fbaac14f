import { messageOf } from '../../kernel/coded-error.ts'
import { fullDiskOf, type FullDisk } from '../../kernel/full-disk.ts'
import type { Log } from '../../kernel/log.ts'
import { HttpError } from '../../http/http-error.ts'
import { problemAnswer, type ProblemAnswer } from '../../http/problem.ts'
import { HostError, type HostErrorCode } from '../../host/contract/host-error.ts'
import { pointerOf } from '../../wire/api/json-pointer.ts'
import { AppsError } from '../apps/apps-error.ts'
import { MembersError, type MembersErrorCode } from '../auth/members-error.ts'
import { MoonlightError, type MoonlightErrorCode } from '../../gateway/moonlight/contract/moonlight-error.ts'
import { SettingsError } from '../config/settings-error.ts'
import { NetworkError } from '../network/network-error.ts'
import { ApiError, type ApiErrorCode } from './api-error.ts'

const apiStatus: Readonly<Record<ApiErrorCode, number>> = {
  'invalid-request': 400,
  'name-not-allowed': 400,
  'malformed-json': 400,
  'token-in-url': 400,
  unauthenticated: 401,
  'not-redeemed': 401,
  forbidden: 403,
  'origin-not-allowed': 403,
  'pin-required': 403,
  'wrong-pin': 403,
  'not-found': 404,
  'session-not-found': 404,
  'record-not-found': 404,
  'invitation-not-found': 404,
  'member-not-found': 404,
  'device-not-found': 404,
  'moonlight-off': 409,
  'parties-off': 409,
  'no-party': 409,
  'in-a-party': 409,
  'code-unknown': 404,
  'peer-offline': 409,
  'party-refused': 409,
  'party-unreachable': 502,
  'icon-not-found': 404,
  'method-not-allowed': 405,
  'idempotency-key-busy': 409,
  'invitation-used-up': 410,
  'invitation-destroyed': 410,
  'invitation-expired': 410,
  'invitation-revoked': 410,
  'member-removed': 410,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'host-not-allowed': 421,
  'idempotency-key-reused': 422,
  'not-a-websocket': 426,
  'too-many-attempts': 429,
  'too-many-streams': 429,
  'too-many-connections': 429,
  'too-many-requests': 429,
  'too-many-sessions': 429,
  'too-many-keys': 429,
  'too-many-guests': 429,
  'too-many-invitations': 429,
  busy: 503,
  closing: 503,
}

const hostStatus: Readonly<Record<HostErrorCode, number>> = {
  'invalid-size': 400,
  'layout-unknown': 400,
  forbidden: 403,
  'input-forbidden': 403,
  'voice-forbidden': 403,
  'app-not-found': 404,
  'lobby-not-found': 404,
  'seat-not-found': 404,
  'not-asking': 404,
  'app-unavailable': 409,
  'lobby-ended': 409,
  'profile-in-use': 409,
  'already-in-lobby': 409,
  'session-exists': 409,
  'session-closed': 409,
  'resize-unsupported': 409,
  'layout-unsupported': 409,
  'seat-shared': 409,
  'seat-locked': 409,
  'seat-not-held': 409,
  'declined-lately': 409,
  'not-in-lobby': 409,
  'app-not-running': 409,
  'typing-interrupted': 409,
  'clipboard-unavailable': 409,
  'clipboard-too-large': 413,
  'too-many-lobbies': 429,
  'too-many-sessions': 429,
  'too-many-speakers': 429,
  'change-failed': 500,
  'not-recorded': 500,
  'host-closed': 503,
  'disk-full': 507,
}

const appsStatus: Readonly<Record<AppsError['code'], number>> = {
  'invalid-app': 400,
  'app-not-found': 404,
  'app-exists': 409,
  'app-read-only': 409,
  'too-many-apps': 429,
}

const membersStatus: Readonly<Record<MembersErrorCode, number>> = {
  'invalid-fingerprint': 400,
  'not-admitted': 409,
  'too-many-admissions': 429,
  'too-many-devices': 429,
}

const networkStatus: Readonly<Record<NetworkError['code'], number>> = {
  'network-not-from-here': 403,
  'network-fixed': 409,
  'no-private-address': 409,
  'port-in-use': 409,
  'too-many-changes': 429,
}

const settingsStatus: Readonly<Record<SettingsError['code'], number>> = {
  'unknown-setting': 400,
  'invalid-setting': 400,
  'settings-not-from-here': 403,
}

const moonlightStatus: Readonly<Record<MoonlightErrorCode, number>> = {
  'pairing-not-found': 404,
  'pin-invalid': 400,
  'out-of-order': 409,
  malformed: 400,
  'too-many-attempts': 429,
  'no-room': 503,
  'port-in-use': 409,
}

const otherStatus = { 'internal-error': 500 } as const

/** All that a problem's `code` can be. */
export type ProblemCode =
  | ApiErrorCode
  | HostErrorCode
  | AppsError['code']
  | MembersErrorCode
  | NetworkError['code']
  | SettingsError['code']
  | MoonlightErrorCode
  | keyof typeof otherStatus

/** The HTTP status that a problem is told with. */
export function statusOf(code: ProblemCode): number {
  return {
    ...apiStatus,
    ...hostStatus,
    ...appsStatus,
    ...membersStatus,
    ...networkStatus,
    ...settingsStatus,
    ...moonlightStatus,
    ...otherStatus,
  }[code]
}

/**
 * Turns whatever was thrown into an answer. What nobody foresaw is logged, and told to nobody else; which disk is full is the
 * owner's business alone.
 */
export function problemOf(error: unknown, log: Log, isOwner = false): ProblemAnswer {
  const full = fullDiskOf(error)
  if (full) {
    log.error('A request failed because the disk is full', { error: messageOf(error), place: full.place })
    return answer('disk-full', isOwner ? `${messageOf(error)}. ${howToMakeRoom(full)}` : hostIsFull)
  }
  if (error instanceof ApiError) return answer(error.code, error.message, error)
  // What the kit refuses has a code of the API's.
  if (error instanceof HttpError) return answer((error as HttpError).code, error.message, error)
  if (error instanceof SettingsError) {
    const errors = error.faults.map(({ name, message }) => ({ pointer: pointerOf([name]), detail: message }))
    return answer(error.code, error.message, { errors })
  }
  if (error instanceof AppsError) return answer(error.code, error.message, { errors: error.faults })
  if (
    error instanceof HostError ||
    error instanceof NetworkError ||
    error instanceof MembersError ||
    error instanceof MoonlightError
  ) {
    return answer(error.code, error.message)
  }
  log.error('A request failed', { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined })
  return answer('internal-error', 'Something went wrong on the server; its log says what')
}

const hostIsFull = 'The disk of the host is full: this could not be written down'

function howToMakeRoom({ place }: FullDisk): string {
  return `Make room on the disk of ${place ?? 'the data directory'} and do it again`
}

function answer(
  code: ProblemCode,
  detail: string,
  more: Partial<Pick<ApiError, 'headers' | 'reason' | 'errors'>> = {},
): ProblemAnswer {
  const { headers, reason, errors } = more
  return problemAnswer({ status: statusOf(code), code, detail, headers, reason, errors })
}
