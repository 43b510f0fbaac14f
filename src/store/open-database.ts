import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../kernel/coded-error.ts'
import { converted } from './converted.ts'
import { migrations } from './migrations.ts'
import { StoreError } from './store-error.ts'

/** "PLit" in the file's header says whose database it is (sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x504c6974
const busyTimeoutMs = 5000

/**
 * Opens a database of ours and brings its schema up to date. A file that is damaged, foreign or too new is refused as
 * it is: nothing is written before it has been recognised. Throws {@link StoreError}.
 */
export function openDatabase(file: string): DatabaseSync {
  const what = `Cannot open store "${file}"`
  if (file !== ':memory:') createPrivately(file, what)
  const database = converted(what, () => new DatabaseSync(file, { timeout: busyTimeoutMs }))
  try {
    converted(what, () => {
      recognise(database, what)
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
      migrate(database)
    })
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** The file holds hashes of secrets; SQLite gives its companions (-wal, -shm) the same mode. */
function createPrivately(file: string, what: string): void {
  if (existsSync(file)) return
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    throw new StoreError('cannot-open', `${what}: ${messageOf(error)}`, { cause: error })
  }
}

function recognise(database: DatabaseSync, what: string): void {
  const found = numberOf(database, 'PRAGMA application_id')
  if (found === 0 && numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0) return
  if (found !== applicationId) {
    throw new StoreError('foreign', `${what}: it is a database of another program; it was left as it is`)
  }
  const version = numberOf(database, 'PRAGMA user_version')
  if (version > migrations.length) {
    throw new StoreError('newer', `${what}: its version is ${version}, this program knows up to ${migrations.length}`)
  }
  const check = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (check !== 'ok') throw new StoreError('corrupt', `${what}: it is damaged (${String(check)}); it was left as it is`)
}

function migrate(database: DatabaseSync): void {
  // The write lock is taken first, so that of two processes that start at once only one migrates.
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = numberOf(database, 'PRAGMA user_version')
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function numberOf(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0])
}
