import type { AppRecords } from '../../store/app-records.ts'
import { pointerOf } from '../../wire/api/json-pointer.ts'
import { readDefinition, type AppDefinition } from '../../wire/api/app-definition.ts'
import { AppsError } from './apps-error.ts'
import type { DescribedEntry } from './catalogue-entry.ts'
import { maxApps, maxAppsBytes } from './read-apps-file.ts'
import { writeApps } from './write-apps.ts'

/** A definition and whose it is. */
export interface NamedDefinition {
  readonly id: string
  readonly definition: AppDefinition
}

/** The apps of the settings database, as definitions. */
export class SettingsApps {
  readonly #records: AppRecords

  constructor(records: AppRecords) {
    this.#records = records
  }

  /** Oldest first. One that a later version wrote may not be understood. Throws StoreError. */
  list(): readonly DescribedEntry[] {
    return this.#records.list().map(({ id, definition: json }): DescribedEntry => {
      const origin = { kind: 'settings' } as const
      const read = readDefinition(JSON.parse(json))
      if ('definition' in read) return { id, origin, definition: read.definition }
      const reasons = read.faults.map(({ path, wanted, got }) => `${pointerOf(path) || '/'}: ${wanted}, got ${got}`)
      return {
        id,
        origin,
        fault: `The settings database has it otherwise than this version wants: ${reasons.join('; ')}`,
      }
    })
  }

  /** Writes all or none. Throws AppsError `too-many-apps` when all together could not be exported and imported again. */
  put(apps: readonly NamedDefinition[]): void {
    const understood = this.list().flatMap((entry) => ('definition' in entry ? [[entry.id, entry] as const] : []))
    const all = new Map<string, NamedDefinition>([...understood, ...apps.map((app) => [app.id, app] as const)])
    if (all.size > maxApps) {
      throw new AppsError(
        'too-many-apps',
        `Cannot add an app: there are ${understood.length}, and ${maxApps} is the limit`,
      )
    }
    if (Buffer.byteLength(writeApps([...all.values()])) > maxAppsBytes) {
      const limit = `${maxAppsBytes / 1024} kB is the limit for all apps together, pictures included`
      throw new AppsError('too-many-apps', `Cannot keep the app: ${limit}`)
    }
    this.#records.put(apps.map(({ id, definition }) => ({ id, definition: JSON.stringify(definition) })))
  }

  delete(id: string): boolean {
    return this.#records.delete(id)
  }
}
