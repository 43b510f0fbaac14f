import { createHash, randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { deviceKinds, type DeviceKind } from '../domain/member.ts'
import { converted } from './converted.ts'
import { bytesColumn, numberColumn, oneOf, optional, readRow, textColumn } from './read-row.ts'
import { relaxedTransaction } from './relaxed-transaction.ts'
import { inTransaction } from './transaction.ts'

/** A device of a member: what it proves itself with is as good as its member's own token, and worth nothing without the member. */
export interface StoredDevice {
  readonly id: string
  readonly kind: DeviceKind
  readonly memberId: string
  /** For people. */
  readonly name: string
  /**
   * Of its certificate or key the SHA-256, `AB:CD:...`, for people to compare with what the device shows; of a token, which nobody
   * sees, something short that tells it from others.
   */
  readonly fingerprint: string
  /** Milliseconds since the Unix epoch, as {@link seenMs}. */
  readonly addedMs: number
  /** When it was last here, within a minute; undefined for one that never was. */
  readonly seenMs: number | undefined
}

/** What a device proves itself with: `hash` is the SHA-256 of its token, of its certificate (DER), or of its public key. */
export interface DeviceProof {
  readonly kind: DeviceKind
  readonly hash: Uint8Array
}

export interface Devices {
  /**
   * A device of the member from now on, whosever it was before. Undefined when the member has {@link maxDevicesPerMember}
   * already: none of those gives way.
   */
  add(device: DeviceProof & { readonly memberId: string; readonly name: string }): StoredDevice | undefined
  find(proof: DeviceProof): StoredDevice | undefined
  get(id: string): StoredDevice | undefined
  /** Those of one member, or of all; oldest first. */
  list(memberId?: string): readonly StoredDevice[]
  /** False when there is none with this id. */
  rename(id: string, name: string): boolean
  /** It opens nothing any more. False when there is none with this id. */
  remove(id: string): boolean
  /** It is here now. Written down without waiting for the disk, and not more often than once a minute. */
  seen(device: StoredDevice): void
  /** Forgets those of members that are no more, but for `ownerId`'s. Returns how many. */
  forgetOrphans(ownerId: string): number
}

/** More than anybody has. */
export const maxDevicesPerMember = 32

const seenEveryMs = 60_000
const columns = 'id, kind, credential_hash, member_id, name, added_ms, seen_ms'

/** `now` is the time in milliseconds since the Unix epoch, see `steadyEpoch`. */
export function openDevices(database: DatabaseSync, now: () => number): Devices {
  const upsert = database.prepare(
    `INSERT INTO device (id, kind, credential_hash, member_id, name, added_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, credential_hash) DO UPDATE SET member_id = excluded.member_id, name = excluded.name, added_ms = excluded.added_ms`,
  )
  const selectByProof = database.prepare(`SELECT ${columns} FROM device WHERE kind = ? AND credential_hash = ?`)
  const selectById = database.prepare(`SELECT ${columns} FROM device WHERE id = ?`)
  const selectOf = database.prepare(`SELECT ${columns} FROM device WHERE member_id = ? ORDER BY added_ms, id`)
  const selectAll = database.prepare(`SELECT ${columns} FROM device ORDER BY added_ms, id`)
  const setName = database.prepare('UPDATE device SET name = ? WHERE id = ?')
  const setSeen = database.prepare('UPDATE device SET seen_ms = ? WHERE id = ?')
  const remove = database.prepare('DELETE FROM device WHERE id = ?')
  const removeOrphans = database.prepare(
    `DELETE FROM device WHERE member_id <> ? AND member_id NOT IN (SELECT id FROM guest WHERE removed_ms IS NULL)
       AND member_id NOT IN (SELECT id FROM invitation)`,
  )
  // The look-up is by the hash of a secret: where a comparison of hashes ends, tells nothing of the secret.
  const find = ({ kind, hash }: DeviceProof) => deviceOf(selectByProof.get(kind, hash))
  const add: Devices['add'] = ({ kind, hash, memberId, name }) => {
    const isOwn = find({ kind, hash })?.memberId === memberId
    if (!isOwn && selectOf.all(memberId).length >= maxDevicesPerMember) return undefined
    upsert.run(randomUUID(), kind, hash, memberId, name, now())
    return find({ kind, hash })
  }
  return {
    add: (device) => converted('Cannot write a device', () => inTransaction(database, () => add(device))),
    find: (proof) => converted('Cannot look up a device', () => find(proof)),
    get: (id) => converted('Cannot read a device', () => deviceOf(selectById.get(id))),
    list: (memberId) =>
      converted('Cannot list devices', () => {
        const rows = memberId === undefined ? selectAll.all() : selectOf.all(memberId)
        return rows.flatMap((row) => deviceOf(row) ?? [])
      }),
    rename: (id, name) => converted('Cannot change a device', () => setName.run(name, id).changes !== 0),
    remove: (id) => converted('Cannot remove a device', () => remove.run(id).changes !== 0),
    seen: ({ id, seenMs }) => {
      if (seenMs !== undefined && now() - seenMs < seenEveryMs) return
      converted('Cannot write a device', () => relaxedTransaction(database, () => void setSeen.run(now(), id)))
    },
    forgetOrphans: (ownerId) => converted('Cannot forget devices', () => Number(removeOrphans.run(ownerId).changes)),
  }
}

const schema = {
  id: ['id', textColumn],
  kind: ['kind', oneOf(deviceKinds)],
  hash: ['credential_hash', bytesColumn],
  memberId: ['member_id', textColumn],
  name: ['name', textColumn],
  addedMs: ['added_ms', numberColumn],
  seenMs: ['seen_ms', optional(numberColumn)],
} as const

function deviceOf(row: Record<string, unknown> | undefined): StoredDevice | undefined {
  if (!row) return undefined
  const { hash, ...device } = readRow(schema, row)
  return { ...device, fingerprint: fingerprintOf(device.kind, hash) }
}

function fingerprintOf(kind: DeviceKind, hash: Uint8Array): string {
  const told = kind === 'token' ? createHash('sha256').update(hash).digest().subarray(0, 8) : Buffer.from(hash)
  return (told.toString('hex').toUpperCase().match(/../g) ?? []).join(':')
}
