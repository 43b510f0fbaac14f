import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'
import { createPrivately } from './create-privately.ts'
import { isBusy } from './is-busy.ts'
import { migrations } from './migrations.ts'
import { StoreDatabase } from './store-database.ts'
import { inTransaction } from './transaction.ts'
import { StoreError } from './store-error.ts'

/** What a database of ours has in it. */
export interface DatabaseSchema {
  /** In the file's header, says whose database it is (sqlite.org/pragma.html#pragma_application_id). */
  readonly applicationId: number
  /** The steps that lead to it: step n takes a file from `user_version` n to n + 1. A step that has been released is never changed. */
  readonly migrations: readonly string[]
}

/** The store's own, "PLit". */
const storeSchema: DatabaseSchema = { applicationId: 0x504c6974, migrations }

const busyTimeoutMs = 5000

/**
 * What is done about a database that an earlier version has written. Where a server of that version may be running on it,
 * it is not to be changed under it.
 */
export type IfOlder = 'migrate' | 'refuse'

/**
 * Opens a database of ours and brings its schema up to date. A file that is damaged, foreign or too new is refused as
 * it is: nothing is written before it has been recognised. Throws {@link StoreError}.
 */
export function openDatabase(file: string, ifOlder: IfOlder, schema = storeSchema): DatabaseSync {
  const what = `Cannot open store "${file}"`
  if (file !== ':memory:') createPrivately(file, what)
  const database = converted(what, () => new StoreDatabase(file, { timeout: busyTimeoutMs }))
  try {
    converted(what, () => {
      // In one view of the file: it may be another process that is just beginning it.
      inTransaction(database, () => recognise(database, what, ifOlder, schema), 'DEFERRED')
      writeAhead(database)
      database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
      migrate(database, schema)
    })
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function recognise(database: DatabaseSync, what: string, ifOlder: IfOlder, schema: DatabaseSchema): void {
  const { applicationId, migrations: steps } = schema
  const found = numberOf(database, 'PRAGMA application_id')
  if (found === 0 && numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0) return
  if (found !== applicationId) {
    throw new StoreError('foreign', `${what}: it is a database of another program; it was left as it is`)
  }
  const version = numberOf(database, 'PRAGMA user_version')
  if (version > steps.length) {
    throw new StoreError('newer', `${what}: its version is ${version}, this program knows up to ${steps.length}`)
  }
  if (version < steps.length && ifOlder === 'refuse') {
    throw new StoreError(
      'older',
      `${what}: an earlier version has written it; the next start of a server brings it up to date`,
    )
  }
  const check = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (check !== 'ok') throw new StoreError('corrupt', `${what}: it is damaged (${String(check)}); it was left as it is`)
}

/** SQLite waits for no other process with this step, also where it does with every other one. */
function writeAhead(database: DatabaseSync): void {
  for (const endsMs = performance.now() + busyTimeoutMs; ;) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > endsMs) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function migrate(database: DatabaseSync, { applicationId, migrations: steps }: DatabaseSchema): void {
  // The write lock is taken first, so that of two processes that start at once only one migrates.
  inTransaction(database, () => {
    const version = numberOf(database, 'PRAGMA user_version')
    for (const step of steps.slice(version)) database.exec(step)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`)
  })
}

/** The one number that a query answers. */
export function numberOf(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0])
}
