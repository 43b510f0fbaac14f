import { existsSync, renameSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { converted } from './converted.ts'
import { openDatabase, type DatabaseSchema } from './open-database.ts'
import { StoreError } from './store-error.ts'

/**
 * Opens a database without which a server can begin anew. A file that is damaged, foreign or written by a later version is moved
 * aside and told in the log, and an empty one is begun. Throws StoreError where there can be no file at all.
 */
export function openOrBeginAnew(
  file: string,
  schema: DatabaseSchema,
  /** `what` is the subject of what is logged: "The registry of parties". */
  { what, clock, log }: { what: string; clock: Clock; log: Log },
): DatabaseSync {
  try {
    return openDatabase(file, 'migrate', schema)
  } catch (error) {
    if (!(error instanceof StoreError) || !['corrupt', 'foreign', 'newer'].includes(error.code)) throw error
    const aside = `${file}.unreadable-${new Date(clock.epochMs()).toISOString().replaceAll(/[:.]/g, '-')}`
    converted(`Cannot move "${file}" aside`, () => {
      for (const end of ['', '-wal', '-shm']) if (existsSync(file + end)) renameSync(file + end, aside + end)
    })
    log.warn(`${what} cannot be read: it was moved aside, and begins anew`, { error: error.message, movedTo: aside })
    return openDatabase(file, 'migrate', schema)
  }
}
