import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'
import { hashToken } from './token.ts'

/** Tokens of members' other devices: each is as good as its member's own, and worth nothing without the member. */
export interface Devices {
  /** One more device of a member; of too many the oldest gives way. */
  add(memberId: string, token: string): void
  /** The id of the member whose device has this token. */
  find(token: string): string | undefined
}

/** More than anybody has. */
export const maxDevicesPerMember = 32

/** `now` is the time in milliseconds since the Unix epoch, see `steadyEpoch`. */
export function openDevices(database: DatabaseSync, now: () => number): Devices {
  const insert = database.prepare(
    'INSERT INTO device (token_hash, member_id, added_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const select = database.prepare('SELECT member_id FROM device WHERE token_hash = ?')
  const removeSurplus = database.prepare(
    `DELETE FROM device WHERE number IN (
       SELECT number FROM device WHERE member_id = ? ORDER BY number DESC LIMIT -1 OFFSET ${maxDevicesPerMember})`,
  )
  return {
    add: (memberId, token) =>
      converted('Cannot write a device', () => {
        insert.run(hashToken(token), memberId, now())
        removeSurplus.run(memberId)
      }),
    // The look-up is by the hash of a secret: where a comparison of hashes ends, tells nothing of the secret.
    find: (token) =>
      converted('Cannot look up a device', () => select.get(hashToken(token))?.['member_id'] as string | undefined),
  }
}
