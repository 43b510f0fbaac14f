import { randomBytes, randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { invitedRoles, type InvitedRole } from '../domain/member.ts'
import { converted } from './converted.ts'
import { holds, invitationColumns, invitationOf, type Invitation } from './invitation.ts'
import { bytesColumn, found, isTexts, json, numberColumn, oneOf, optional, readRow, textColumn } from './read-row.ts'
import { derivedToken, hashToken } from './token.ts'
import { inTransaction } from './transaction.ts'

/** Somebody who has redeemed an invitation. */
export interface Guest {
  /** The member's id. */
  readonly id: string
  readonly name: string
  /** That of the invitation until the owner has changed it. */
  readonly role: InvitedRole
  readonly joinedMs: number
  readonly removedMs: number | undefined
  readonly invitation: Invitation
  /** Those that they may enter: that of the invitation first, then what was opened to them. */
  readonly lobbies: readonly string[]
}

/** Why somebody is not let in, or not any more. */
export type GuestRefusal = Exclude<Invitation['state'], 'open'> | 'removed' | 'full'

export type Redeemed =
  | { readonly ok: true; readonly guest: Guest; readonly token: string }
  | { readonly ok: false; readonly reason: GuestRefusal }

export interface Guests {
  /**
   * What an earlier redemption with this claim has given, if there was one. The claim is a secret of the redeemer's own
   * making: who repeats it because no answer came is given the same token, and takes no other use.
   */
  again(invitationId: string, claim: string): Redeemed | undefined
  /** Takes a use of the invitation and makes a member of the redeemer; or, with a known claim, {@link Guests.again}. */
  redeem(options: { invitationId: string; claim: string; name: string }): Redeemed
  /** Whose personal token it is, whatever has become of them. */
  find(token: string): Guest | undefined
  get(id: string): Guest | undefined
  /** In order of arrival; those whose invitation holds and who were not removed. */
  list(): readonly Guest[]
  /** False when nobody has this id. */
  changeRole(id: string, role: InvitedRole): boolean
  /**
   * From now on they may enter these lobbies, {@link maxGuestLobbies} at most, and that of their invitation. False when nobody has
   * this id.
   */
  setLobbies(id: string, lobbyIds: readonly string[]): boolean
  /** Their token opens nothing any more. False when nobody has this id; harmless when it was done already. */
  remove(id: string): boolean
}

/** So many may come by one invitation, also by one without a number of uses. */
export const maxGuestsPerInvitation = 1000
/** So many lobbies may be open to a guest, with that of the invitation. */
export const maxGuestLobbies = 16

const columns = `guest.id AS guest_id, claim_hash, token_salt, name, guest.role AS guest_role, joined_ms, removed_ms, invitation.*,
   (SELECT json_group_array(lobby_id ORDER BY admitted_ms, lobby_id) FROM guest_lobby WHERE guest_id = guest.id) AS admitted`
const joined = `(SELECT ${invitationColumns} FROM invitation) AS invitation ON invitation.id = guest.invitation_id`

/** `now` is the time in milliseconds since the Unix epoch, see `steadyEpoch`. */
export function openGuests(database: DatabaseSync, now: () => number): Guests {
  const select = (where: string) => database.prepare(`SELECT ${columns} FROM guest JOIN ${joined} ${where}`)
  const selectByClaim = select('WHERE invitation_id = ? AND claim_hash = ?')
  const selectByToken = select('WHERE guest.token_hash = ?')
  const selectById = select('WHERE guest.id = ?')
  const selectAll = select('WHERE removed_ms IS NULL ORDER BY joined_ms, guest.id')
  const selectInvitation = database.prepare(`SELECT ${invitationColumns} FROM invitation WHERE id = ?`)
  const count = database.prepare('SELECT count(*) AS guests FROM guest WHERE invitation_id = ?')
  const takeUse = database.prepare('UPDATE invitation SET uses = uses + 1 WHERE id = ?')
  const insert = database.prepare(
    `INSERT INTO guest (id, invitation_id, claim_hash, token_salt, token_hash, name, role, joined_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const setExpired = database.prepare('UPDATE invitation SET expired_ms = ? WHERE id = ? AND expired_ms IS NULL')
  const setRole = database.prepare('UPDATE guest SET role = ? WHERE id = ?')
  const insertLobby = database.prepare(
    'INSERT INTO guest_lobby (guest_id, lobby_id, admitted_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const removeLobby = database.prepare('DELETE FROM guest_lobby WHERE guest_id = ? AND lobby_id = ?')
  const setRemoved = database.prepare('UPDATE guest SET removed_ms = coalesce(removed_ms, ?) WHERE id = ?')

  const again = (invitationId: string, claim: string): Redeemed | undefined => {
    const row = selectByClaim.get(invitationId, hashToken(claim))
    if (!row) return undefined
    const guest = guestOf(row, now())
    const { state } = guest.invitation
    if (guest.removedMs !== undefined) return { ok: false, reason: 'removed' }
    if (!holds(state)) return { ok: false, reason: state }
    return { ok: true, guest, token: derivedToken(readRow(saltSchema, row).salt, claim) }
  }

  const redeem = (invitationId: string, claim: string, name: string): Redeemed => {
    const known = again(invitationId, claim)
    if (known) return known
    const row = selectInvitation.get(invitationId)
    if (!row) return { ok: false, reason: 'revoked' }
    const invitation = invitationOf(row, now())
    if (invitation.state !== 'open') return { ok: false, reason: invitation.state }
    if (Number(count.get(invitationId)?.['guests']) >= maxGuestsPerInvitation) return { ok: false, reason: 'full' }
    const id = randomUUID()
    const salt = randomBytes(32)
    const token = derivedToken(salt, claim)
    takeUse.run(invitationId)
    insert.run(id, invitationId, hashToken(claim), salt, hashToken(token), name, invitation.role, now())
    return { ok: true, guest: guestOf(found(selectById.get(id)), now()), token }
  }

  const read = (row: Record<string, unknown> | undefined): Guest | undefined => {
    if (!row) return undefined
    const guest = guestOf(row, now())
    const { id, state } = guest.invitation
    if (state === 'expired' && row['expired_ms'] === null) setExpired.run(now(), id)
    return guest
  }
  const setLobbies = (id: string, lobbyIds: readonly string[]): boolean => {
    const guest = read(selectById.get(id))
    if (!guest) return false
    const [, ...before] = guest.lobbies
    for (const lobbyId of before) if (!lobbyIds.includes(lobbyId)) removeLobby.run(id, lobbyId)
    for (const lobbyId of lobbyIds) if (lobbyId !== guest.invitation.lobbyId) insertLobby.run(id, lobbyId, now())
    return true
  }
  return {
    again: (invitationId, claim) => converted('Cannot look up a guest', () => again(invitationId, claim)),
    redeem: ({ invitationId, claim, name }) =>
      converted('Cannot redeem an invitation', () => inTransaction(database, () => redeem(invitationId, claim, name))),
    find: (token) => converted('Cannot look up a guest', () => read(selectByToken.get(hashToken(token)))),
    get: (id) => converted('Cannot read a guest', () => read(selectById.get(id))),
    list: () =>
      converted('Cannot list guests', () =>
        selectAll
          .all()
          .map((row) => guestOf(row, now()))
          .filter(({ invitation }) => holds(invitation.state)),
      ),
    changeRole: (id, role) => converted('Cannot change a guest', () => setRole.run(role, id).changes !== 0),
    setLobbies: (id, lobbyIds) =>
      converted('Cannot change a guest', () =>
        inTransaction(database, () => setLobbies(id, lobbyIds.slice(0, maxGuestLobbies))),
      ),
    remove: (id) => converted('Cannot remove a guest', () => setRemoved.run(now(), id).changes !== 0),
  }
}

const saltSchema = { salt: ['token_salt', bytesColumn] } as const

const schema = {
  id: ['guest_id', textColumn],
  name: ['name', textColumn],
  role: ['guest_role', oneOf(invitedRoles)],
  joinedMs: ['joined_ms', numberColumn],
  removedMs: ['removed_ms', optional(numberColumn)],
  admitted: ['admitted', json(isTexts, 'a list of texts')],
} as const

function guestOf(row: Record<string, unknown>, nowMs: number): Guest {
  const invitation = invitationOf(row, nowMs)
  const { admitted, ...guest } = readRow(schema, row)
  return { ...guest, invitation, lobbies: [invitation.lobbyId, ...admitted] }
}
