import type { DatabaseSync } from 'node:sqlite'
import { converted } from './converted.ts'

/** Small things that survive a restart, by name. Values are text; who owns a key says what it means. */
export interface Settings {
  get(key: string): string | undefined
  set(key: string, value: string): void
  delete(key: string): void
}

export function openSettings(database: DatabaseSync): Settings {
  const select = database.prepare('SELECT value FROM setting WHERE key = ?')
  const upsert = database.prepare(
    'INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM setting WHERE key = ?')
  return {
    get: (key) =>
      converted(`Cannot read setting "${key}"`, () => {
        const row = select.get(key)
        return row ? String(row['value']) : undefined
      }),
    set: (key, value) => converted(`Cannot write setting "${key}"`, () => void upsert.run(key, value)),
    delete: (key) => converted(`Cannot delete setting "${key}"`, () => void remove.run(key)),
  }
}
