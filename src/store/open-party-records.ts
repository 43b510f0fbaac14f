import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { openOrBeginAnew } from './begin-anew.ts'
import { converted } from './converted.ts'
import { openPartyTables } from './party-tables.ts'
import type { PartyChange, PartyRecords, PeerObservation } from './party-records.ts'
import { partySchema } from './party-schema.ts'
import { relaxedTransaction } from './relaxed-transaction.ts'
import { inTransaction } from './transaction.ts'
import { WriteBehind } from './write-behind.ts'

const batchMs = 100
const retryMs = 5000

interface Waiting {
  readonly changes: readonly PartyChange[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The registry of parties in a file of SQLite, or in memory for `:memory:`. What is asked for in one turn of the event loop is one
 * transaction, so that a thousand joins wait for the disk once. A file that is damaged, foreign or written by a later version is moved
 * aside and told in the log, and an empty one is begun. Throws StoreError where there can be no file at all.
 */
export function openPartyRecords(
  file: string,
  options: {
    clock: Clock
    log: Log
    /** Until observations are written; 100 ms when left out. */
    batchMs?: number
  },
): PartyRecords {
  const database = openOrBeginAnew(file, partySchema, { ...options, what: 'The registry of parties' })
  const tables = openPartyTables(database)
  const sights = new WriteBehind<PeerObservation>(
    (observations) =>
      converted('Cannot write when peers were seen', () =>
        relaxedTransaction(database, () => {
          for (const observation of observations) tables.see(observation)
        }),
      ),
    { ...options, what: 'when peers were seen', delayMs: options.batchMs ?? batchMs, retryMs },
  )
  let waiting: Waiting[] = []

  const writeAll = (): void => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      converted('Cannot write the registry of parties', () =>
        inTransaction(database, () => {
          for (const { changes } of batch) for (const change of changes) tables.apply(change)
        }),
      )
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  const flush = () => {
    writeAll()
    sights.flush()
    return Promise.resolve()
  }
  return {
    load: async () => converted('Cannot read the registry of parties', () => tables.load()),
    commit(changes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ changes, resolve, reject })
      if (waiting.length === 1) setImmediate(writeAll)
      return promise
    },
    observe: (seen) => sights.put(`${seen.partyId} ${seen.peerId}`, seen),
    flush,
    async close() {
      if (!database.isOpen) return
      await flush()
      sights.close()
      database.close()
    },
  }
}
