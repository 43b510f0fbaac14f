import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { InvitedRole } from '../domain/member.ts'
import { converted } from './converted.ts'
import { invitationColumns, invitationOf, maxPinTries, type Invitation } from './invitation.ts'
import { bytesColumn, found, readRow } from './read-row.ts'
import { hashToken, newToken } from './token.ts'

export interface NewInvitation {
  readonly lobbyId: string
  readonly role: InvitedRole
  readonly expiresInMs: number
  /** How often it can be redeemed; any number of times when left out. */
  readonly maxUses?: number
  /** Of the PIN that has to be told as well, see `hashPin`. */
  readonly pinHash?: Uint8Array
}

export interface Invitations {
  /** The token is told here and never again. */
  create(options: NewInvitation): { readonly invitation: Invitation; readonly token: string }
  /** The invitation of a link's token, whatever its state. */
  find(token: string): Invitation | undefined
  get(id: string): Invitation | undefined
  /** Newest first, the expired and the revoked among them. */
  list(): readonly Invitation[]
  /** From now on its token opens nothing. False when there is no such invitation; harmless when it is revoked already. */
  revoke(id: string): boolean
  /**
   * Counts a try of the PIN before it is checked, so that no number of tries at once is more than are allowed. Returns
   * what to check it by, or undefined when the invitation takes no try (any more).
   */
  takePinTry(id: string): Uint8Array | undefined
  /** The try turned out right: it does not count. */
  giveBackPinTry(id: string): void
  /**
   * Forgets those that let nobody in any more and nobody stay, with everybody who came by them: the expired, the revoked, and those of lobbies
   * that are gone.
   */
  forgetUseless(hasLobby: (lobbyId: string) => boolean): void
  /** Forgets those that expired longer ago than `forMs`, with everybody who came by them; returns how many. */
  forgetExpired(forMs: number): number
}

const pinSchema = { hash: ['pin_hash', bytesColumn] } as const

/** `now` is the time in milliseconds since the Unix epoch, see `steadyEpoch`. */
export function openInvitations(database: DatabaseSync, now: () => number): Invitations {
  const insert = database.prepare(
    `INSERT INTO invitation (id, token_hash, lobby_id, role, created_ms, expires_ms, max_uses, pin_hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const selectByHash = database.prepare(`SELECT ${invitationColumns} FROM invitation WHERE token_hash = ?`)
  const selectById = database.prepare(`SELECT ${invitationColumns} FROM invitation WHERE id = ?`)
  const selectAll = database.prepare(`SELECT ${invitationColumns} FROM invitation ORDER BY created_ms DESC, id`)
  const setRevoked = database.prepare('UPDATE invitation SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?')
  const setExpired = database.prepare('UPDATE invitation SET expired_ms = ? WHERE id = ? AND expired_ms IS NULL')
  const takeTry = database.prepare(
    `UPDATE invitation SET pin_tries = pin_tries + 1
     WHERE id = ? AND pin_hash IS NOT NULL AND pin_tries < ${maxPinTries} RETURNING pin_hash`,
  )
  const giveBackTry = database.prepare('UPDATE invitation SET pin_tries = pin_tries - 1 WHERE id = ? AND pin_tries > 0')
  const remove = database.prepare('DELETE FROM invitation WHERE id = ?')
  const removeExpired = database.prepare('DELETE FROM invitation WHERE expires_ms < ?')

  const read = (row: Record<string, unknown> | undefined): Invitation | undefined => {
    if (!row) return undefined
    const invitation = invitationOf(row, now())
    if (invitation.state === 'expired' && row['expired_ms'] === null) setExpired.run(now(), invitation.id)
    return invitation
  }

  return {
    create({ lobbyId, role, expiresInMs, maxUses, pinHash }) {
      const token = newToken()
      const id = randomUUID()
      const createdMs = now()
      const expiresMs = createdMs + expiresInMs
      return converted('Cannot write an invitation', () => {
        insert.run(id, hashToken(token), lobbyId, role, createdMs, expiresMs, maxUses ?? null, pinHash ?? null)
        return { invitation: invitationOf(found(selectById.get(id)), createdMs), token }
      })
    },
    // The look-up is by the hash of a secret: where a comparison of hashes ends, tells nothing of the secret.
    find: (token) => converted('Cannot look up an invitation', () => read(selectByHash.get(hashToken(token)))),
    get: (id) => converted('Cannot read an invitation', () => read(selectById.get(id))),
    list: () => converted('Cannot list invitations', () => selectAll.all().map((row) => invitationOf(row, now()))),
    revoke: (id) => converted('Cannot revoke an invitation', () => setRevoked.run(now(), id).changes !== 0),
    takePinTry: (id) =>
      converted('Cannot count a PIN', () => {
        const row = takeTry.get(id)
        return row && readRow(pinSchema, row).hash
      }),
    giveBackPinTry: (id) => converted('Cannot count a PIN', () => void giveBackTry.run(id)),
    forgetUseless: (hasLobby) =>
      converted('Cannot forget invitations', () => {
        for (const { id, state, lobbyId } of selectAll.all().map((row) => invitationOf(row, now()))) {
          if (state === 'expired' || state === 'revoked' || !hasLobby(lobbyId)) remove.run(id)
        }
      }),
    forgetExpired: (forMs) =>
      converted('Cannot forget invitations', () => Number(removeExpired.run(now() - forMs).changes)),
  }
}
