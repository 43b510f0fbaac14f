import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE for the file beside it that is to grow (sqlite.org/rescode.html). */
const fullCodes: ReadonlySet<unknown> = new Set([13, 4874])

/**
 * A database whose errors say where it is when its disk is full: they get the code `disk-full` and a `place`. Everything else
 * comes out as SQLite tells it.
 */
export class StoreDatabase extends DatabaseSync {
  override exec(sql: string): void {
    this.#placed(() => super.exec(sql))
  }

  override prepare(sql: string): StatementSync {
    const statement = super.prepare(sql)
    const run = statement.run.bind(statement)
    const get = statement.get.bind(statement)
    const all = statement.all.bind(statement)
    return Object.assign(statement, {
      run: (...values: Parameters<typeof run>) => this.#placed(() => run(...values)),
      get: (...values: Parameters<typeof get>) => this.#placed(() => get(...values)),
      all: (...values: Parameters<typeof all>) => this.#placed(() => all(...values)),
    })
  }

  #placed<T>(call: () => T): T {
    try {
      return call()
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && fullCodes.has(error.errcode)) {
        const place = this.location() ?? undefined
        throw Object.assign(new Error('the disk is full', { cause: error }), { code: 'disk-full', place })
      }
      throw error
    }
  }
}
