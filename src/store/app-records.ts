import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../kernel/clock.ts'
import { converted } from './converted.ts'
import { numberColumn, readRow, textColumn, type RowSchema } from './read-row.ts'
import { inTransaction } from './transaction.ts'

/** An app that was described here. What the definition means is known to whoever put it there. */
export interface StoredApp {
  readonly id: string
  /** JSON, as it was put. */
  readonly definition: string
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number
  readonly changedMs: number
}

export interface AppRecords {
  /** Writes all of them or none; what is there under the same id is replaced. */
  put(apps: readonly Pick<StoredApp, 'id' | 'definition'>[]): void
  /** Whether there was one. */
  delete(id: string): boolean
  /** Oldest first. */
  list(): readonly StoredApp[]
}

export function openAppRecords(database: DatabaseSync, clock: Clock): AppRecords {
  const upsert = database.prepare(
    `INSERT INTO app (id, definition, created_ms, changed_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, changed_ms = excluded.changed_ms`,
  )
  const remove = database.prepare('DELETE FROM app WHERE id = ?')
  const selectAll = database.prepare('SELECT id, definition, created_ms, changed_ms FROM app ORDER BY created_ms, id')
  return {
    put: (apps) =>
      converted('Cannot write an app', () => {
        const nowMs = clock.epochMs()
        inTransaction(database, () => {
          for (const { id, definition } of apps) upsert.run(id, definition, nowMs, nowMs)
        })
      }),
    delete: (id) => converted('Cannot delete an app', () => remove.run(id).changes > 0),
    list: () => converted('Cannot list the apps', () => selectAll.all().map((row) => readRow(schema, row))),
  }
}

const schema: RowSchema<StoredApp> = {
  id: ['id', textColumn],
  definition: ['definition', textColumn],
  createdMs: ['created_ms', numberColumn],
  changedMs: ['changed_ms', numberColumn],
}
