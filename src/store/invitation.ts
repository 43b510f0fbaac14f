import { invitedRoles, type InvitedRole } from '../domain/member.ts'
import { bytesColumn, numberColumn, oneOf, optional, readRow, textColumn } from './read-row.ts'

/** A share link: who redeems its token may enter one lobby in one role, until it expires or is revoked. */
export interface Invitation {
  readonly id: string
  readonly lobbyId: string
  readonly role: InvitedRole
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly createdMs: number
  readonly expiresMs: number
  readonly revokedMs: number | undefined
  /** How often it can be redeemed; undefined for any number of times. */
  readonly maxUses: number | undefined
  readonly uses: number
  /** Whether its PIN has to be told as well. */
  readonly hasPin: boolean
  /** Wrong PINs that can still be tried. */
  readonly pinTriesLeft: number
  readonly state: InvitationState
}

/**
 * Whether it lets anybody in now. `used-up` and `destroyed`, by wrong PINs, keep others out; who has come in by it stays.
 * `revoked` and `expired` end the stay of those as well.
 */
export type InvitationState = 'open' | 'used-up' | 'destroyed' | 'expired' | 'revoked'

/** So many wrong PINs destroy an invitation. */
export const maxPinTries = 10

/** Whether those who came in by it may still be here. */
export function holds(state: InvitationState): state is Exclude<InvitationState, 'expired' | 'revoked'> {
  return state !== 'expired' && state !== 'revoked'
}

export const invitationColumns =
  'id, lobby_id, role, created_ms, expires_ms, revoked_ms, expired_ms, max_uses, uses, pin_hash, pin_tries'

const schema = {
  id: ['id', textColumn],
  lobbyId: ['lobby_id', textColumn],
  role: ['role', oneOf(invitedRoles)],
  createdMs: ['created_ms', numberColumn],
  expiresMs: ['expires_ms', numberColumn],
  revokedMs: ['revoked_ms', optional(numberColumn)],
  expiredMs: ['expired_ms', optional(numberColumn)],
  maxUses: ['max_uses', optional(numberColumn)],
  uses: ['uses', numberColumn],
  pinHash: ['pin_hash', optional(bytesColumn)],
  pinTries: ['pin_tries', numberColumn],
} as const

/** Reads a row of {@link invitationColumns}. */
export function invitationOf(row: Record<string, unknown>, nowMs: number): Invitation {
  const { pinHash, pinTries, expiredMs, ...invitation } = readRow(schema, row)
  const { revokedMs, expiresMs, maxUses, uses } = invitation
  const pinTriesLeft = maxPinTries - pinTries
  const state = (): InvitationState => {
    if (revokedMs !== undefined) return 'revoked'
    if (expiredMs !== undefined || expiresMs <= nowMs) return 'expired'
    if (pinTriesLeft === 0) return 'destroyed'
    return maxUses !== undefined && uses >= maxUses ? 'used-up' : 'open'
  }
  return { ...invitation, hasPin: pinHash !== undefined, pinTriesLeft, state: state() }
}
