import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../kernel/clock.ts'
import { converted } from './converted.ts'
import { hashToken, isTokenOf, newToken } from './token.ts'

/** A share link: who holds its token may enter one lobby in one role until it expires or is revoked. */
export interface Invitation {
  readonly id: string
  readonly lobbyId: string
  readonly role: 'player' | 'viewer'
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly createdMs: number
  readonly expiresMs: number
  readonly revokedMs: number | undefined
}

/** What a token opens now, or why nothing. */
export type Admission =
  | { readonly ok: true; readonly invitation: Invitation }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'revoked' }

export interface Invitations {
  /** The token is told here and never again. */
  create(options: { lobbyId: string; role: 'player' | 'viewer'; expiresInMs: number }): {
    readonly invitation: Invitation
    readonly token: string
  }
  admit(token: string): Admission
  get(id: string): Invitation | undefined
  /** Newest first, the expired and the revoked among them. */
  list(): readonly Invitation[]
  /** From now on its token opens nothing. False when there is no such invitation; harmless when it is revoked already. */
  revoke(id: string): boolean
  /** Forgets those that expired longer ago than `forMs`; returns how many. */
  forgetExpired(forMs: number): number
}

const columns = 'id, token_hash, lobby_id, role, created_ms, expires_ms, revoked_ms'

export function openInvitations(database: DatabaseSync, clock: Clock): Invitations {
  const insert = database.prepare(`INSERT INTO invitation (${columns}) VALUES (?, ?, ?, ?, ?, ?, NULL)`)
  const selectByHash = database.prepare(`SELECT ${columns} FROM invitation WHERE token_hash = ?`)
  const selectById = database.prepare(`SELECT ${columns} FROM invitation WHERE id = ?`)
  const selectAll = database.prepare(`SELECT ${columns} FROM invitation ORDER BY created_ms DESC, id`)
  const setRevoked = database.prepare('UPDATE invitation SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?')
  const removeExpired = database.prepare('DELETE FROM invitation WHERE expires_ms < ?')

  return {
    create({ lobbyId, role, expiresInMs }) {
      const token = newToken()
      const createdMs = clock.epochMs()
      const invitation: Invitation = {
        id: randomUUID(),
        lobbyId,
        role,
        createdMs,
        expiresMs: createdMs + expiresInMs,
        revokedMs: undefined,
      }
      converted('Cannot write an invitation', () =>
        insert.run(invitation.id, hashToken(token), lobbyId, role, createdMs, invitation.expiresMs),
      )
      return { invitation, token }
    },
    admit(token) {
      const row = converted('Cannot look up an invitation', () => selectByHash.get(hashToken(token)))
      if (!row || !isTokenOf(token, row['token_hash'] as Uint8Array)) return { ok: false, reason: 'unknown' }
      const invitation = invitationOf(row)
      if (invitation.revokedMs !== undefined) return { ok: false, reason: 'revoked' }
      if (invitation.expiresMs <= clock.epochMs()) return { ok: false, reason: 'expired' }
      return { ok: true, invitation }
    },
    get(id) {
      const row = converted('Cannot read an invitation', () => selectById.get(id))
      return row && invitationOf(row)
    },
    list: () => converted('Cannot list invitations', () => selectAll.all().map(invitationOf)),
    revoke: (id) => converted('Cannot revoke an invitation', () => setRevoked.run(clock.epochMs(), id).changes !== 0),
    forgetExpired: (forMs) =>
      converted('Cannot forget invitations', () => Number(removeExpired.run(clock.epochMs() - forMs).changes)),
  }
}

function invitationOf(row: Record<string, unknown>): Invitation {
  return {
    id: row['id'] as string,
    lobbyId: row['lobby_id'] as string,
    role: row['role'] as Invitation['role'],
    createdMs: row['created_ms'] as number,
    expiresMs: row['expires_ms'] as number,
    revokedMs: (row['revoked_ms'] as number | null) ?? undefined,
  }
}
