/** What somebody who was invited may be. */
export type InvitedRole = 'player' | 'viewer' | 'agent'

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
export function holds(state: InvitationState): boolean {
  return state !== 'expired' && state !== 'revoked'
}

export const invitationColumns =
  'id, lobby_id, role, created_ms, expires_ms, revoked_ms, expired_ms, max_uses, uses, pin_hash, pin_tries'

/** Reads a row of {@link invitationColumns}. */
export function invitationOf(row: Record<string, unknown>, nowMs: number): Invitation {
  const maxUses = (row['max_uses'] as number | null) ?? undefined
  const uses = row['uses'] as number
  const revokedMs = (row['revoked_ms'] as number | null) ?? undefined
  const expiresMs = row['expires_ms'] as number
  const pinTriesLeft = maxPinTries - (row['pin_tries'] as number)
  const state = (): InvitationState => {
    if (revokedMs !== undefined) return 'revoked'
    if (row['expired_ms'] !== null || expiresMs <= nowMs) return 'expired'
    if (pinTriesLeft === 0) return 'destroyed'
    return maxUses !== undefined && uses >= maxUses ? 'used-up' : 'open'
  }
  return {
    id: row['id'] as string,
    lobbyId: row['lobby_id'] as string,
    role: row['role'] as InvitedRole,
    createdMs: row['created_ms'] as number,
    expiresMs,
    revokedMs,
    maxUses,
    uses,
    hasPin: row['pin_hash'] !== null,
    pinTriesLeft,
    state: state(),
  }
}
