import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { openOrBeginAnew } from './begin-anew.ts'
import { converted } from './converted.ts'
import { numberOf, openDatabase, type DatabaseSchema } from './open-database.ts'
import { StoreError } from './store-error.ts'
import { inTransaction } from './transaction.ts'

/** Values as JSON tells them, by the name of their setting; whatever else somebody has written there among them. */
export type KeptSettings = ReadonlyMap<string, unknown>

/**
 * The settings of a server that outlive it, in a file of their own, so that what is wrong with it is wrong with nothing else. Several
 * processes may write at the same time. Every call may throw a StoreError.
 */
export interface SettingRecords extends Disposable {
  all(): KeptSettings
  /**
   * What `decide` makes of what is there is kept from then on, as a whole; undefined forgets. Nobody else writes between its
   * look and that. Throws what it throws.
   */
  change(decide: (before: KeptSettings) => ReadonlyMap<string, unknown>): void
  /** Lists what holds where nothing else is kept, for whoever looks into the file. */
  populate(usual: ReadonlyMap<string, unknown>): void
  /** Whether another process has written something since this was last asked. */
  hasOthersWritten(): boolean
}

/** "PLse". A row without a value says what is usual, and nothing else. */
const settingSchema: DatabaseSchema = {
  applicationId: 0x504c7365,
  migrations: [
    `
    CREATE TABLE setting (
      name  TEXT PRIMARY KEY,
      value TEXT CHECK (value IS NULL OR json_valid(value)),
      usual TEXT CHECK (usual IS NULL OR json_valid(usual))
    ) STRICT, WITHOUT ROWID;
    `,
  ],
}

const selectKept = 'SELECT name, value FROM setting WHERE value IS NOT NULL'

/** Opens the file for a server, or `:memory:`: one that cannot be read is moved aside and told, and an empty one begun. */
export function openSettingRecords(file: string, options: { clock: Clock; log: Log }): SettingRecords {
  return recordsOf(openOrBeginAnew(file, settingSchema, { ...options, what: 'The database of settings' }))
}

/** Opens it for a command beside servers: one that cannot be read is refused as it is. Throws StoreError. */
export function openSettingRecordsBeside(file: string): SettingRecords {
  return recordsOf(openDatabase(file, 'migrate', settingSchema))
}

/** What is kept there, without changing anything. Throws StoreError for a file that cannot be read; none keeps nothing. */
export function readSettingRecords(file: string): KeptSettings {
  if (!existsSync(file)) return new Map()
  const what = `Cannot read the settings in "${file}"`
  return converted(what, () => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
    try {
      const isOurs = numberOf(database, 'PRAGMA application_id') === settingSchema.applicationId
      if (!isOurs) throw new StoreError('foreign', `${what}: it is a database of another program`)
      if (numberOf(database, 'PRAGMA user_version') > settingSchema.migrations.length) {
        throw new StoreError('newer', `${what}: a later version of Porchlight has written it`)
      }
      return keptIn(database.prepare(selectKept).all())
    } finally {
      database.close()
    }
  })
}

function recordsOf(database: DatabaseSync): SettingRecords {
  const select = database.prepare(selectKept)
  const put = database.prepare(
    'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const list = database.prepare(
    'INSERT INTO setting (name, usual) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET usual = excluded.usual WHERE usual IS NOT excluded.usual',
  )
  const all = () => converted('Cannot read the settings', () => keptIn(select.all()))
  const version = () => numberOf(database, 'PRAGMA data_version')
  let seen = version()
  return {
    all,
    change(decide) {
      let refusal: { readonly error: unknown } | undefined
      const deciding = () => {
        try {
          return decide(keptIn(select.all()))
        } catch (error) {
          refusal = { error }
          throw error
        }
      }
      try {
        converted('Cannot write the settings', () =>
          inTransaction(database, () => {
            for (const [name, value] of deciding()) put.run(name, value === undefined ? null : JSON.stringify(value))
          }),
        )
      } catch (error) {
        throw refusal ? refusal.error : error
      }
    },
    populate: (usual) =>
      converted('Cannot write the settings', () =>
        inTransaction(database, () => {
          for (const [name, value] of usual) list.run(name, JSON.stringify(value))
        }),
      ),
    hasOthersWritten: () =>
      converted('Cannot read the settings', () => {
        const now = version()
        const isOther = now !== seen
        seen = now
        return isOther
      }),
    [Symbol.dispose]() {
      if (database.isOpen) database.close()
    },
  }
}

function keptIn(rows: readonly Readonly<Record<string, unknown>>[]): KeptSettings {
  return new Map(rows.map((row) => [String(row['name']), parsed(String(row['value']))]))
}

/** What is no JSON is told as the text that it is: it is refused as the value of any setting but a text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
