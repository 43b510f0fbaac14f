import { isDeepStrictEqual } from 'node:util'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { listApps } from '../../host/apps/app-list.ts'
import type { App } from '../../host/apps/definition/app.ts'
import { unavailableApp, type AppMachine } from '../../host/apps/defined-app.ts'
import type { AppRecords } from '../../store/app-records.ts'
import type { AppDefinition } from '../../wire/api/app-definition.ts'
import { appOfDefinition } from './app-of-definition.ts'
import { AppsError } from './apps-error.ts'
import { describeOrigin, type CatalogueEntry } from './catalogue-entry.ts'
import { FollowedAppsFile } from './followed-apps-file.ts'
import { idForTitle } from './id-for-title.ts'
import { iconOfDefinition, iconOfReference } from './icons/find-icon.ts'
import type { InstalledIcons } from './icons/installed-icons.ts'
import { readApps } from './read-apps-file.ts'
import { SettingsApps } from './settings-apps.ts'
import { writeApps } from './write-apps.ts'

export interface AppCatalogueOptions extends AppMachine {
  /** What `apps.toml` is called and where it is. */
  readonly file: string
  readonly records: AppRecords
  /** Whether apps run as root, whom some programs refuse. */
  readonly asRoot: boolean
  readonly icons: InstalledIcons
  /** Apps that come along, best first; those of the house when left out. */
  readonly readyMade?: () => Promise<readonly App[]>
  readonly clock: Clock
  readonly log: Log
}

/** What an import did, by id. */
export interface ImportedApps {
  readonly created: readonly string[]
  readonly changed: readonly string[]
  /** As they were before. */
  readonly unchanged: readonly string[]
}

/** How often the file is looked at, in milliseconds. */
const filePeriodMs = 2000

/** What was found is true for so long before it is looked for again, in milliseconds. */
const freshMs = 5000

/**
 * All apps of this machine. Where several have one id, that of the file is the one that counts, then that of the
 * settings, then the ready-made one: what is written in the file is so, whatever is done in the page. Changes are made
 * one after the other.
 */
export class AppCatalogue implements Disposable {
  readonly #options: AppCatalogueOptions
  readonly #settings: SettingsApps
  readonly #file: FollowedAppsFile
  readonly #apps = new Writable<readonly App[]>([])
  #entries: ReadonlyMap<string, CatalogueEntry> = new Map()
  #foundMs = -Infinity
  #turn: Promise<unknown> = Promise.resolve()
  #watch: Timer | undefined

  constructor(options: AppCatalogueOptions) {
    this.#options = options
    this.#settings = new SettingsApps(options.records)
    this.#file = new FollowedAppsFile(options.file)
  }

  /** Best first. An app is the same object as long as nothing of it changes. */
  get apps(): Readable<readonly App[]> {
    return this.#apps
  }

  get entries(): ReadonlyMap<string, CatalogueEntry> {
    return this.#entries
  }

  /** Finds all apps, and follows the file from then on. To be called once. */
  async open(): Promise<this> {
    await this.refresh()
    const { clock } = this.#options
    this.#watch = clock.every(filePeriodMs, () => void this.#inTurn(() => this.#followFile()))
    return this
  }

  /** Looks again at what can run here, unless that was done just now. What fails is logged: then all is as before. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#options.clock.nowMs() - this.#foundMs >= freshMs) await this.#find()
    })
  }

  /** Adds an app, under an id of its own when none is given. Rejects with AppsError `app-exists`, `too-many-apps`. */
  create(id: string | undefined, definition: AppDefinition): Promise<CatalogueEntry> {
    return this.#inTurn(async () => {
      const chosen = id ?? idForTitle(definition, (taken) => this.#entries.has(taken))
      const there = this.#entries.get(chosen)
      if (there) {
        throw new AppsError(
          'app-exists',
          `Cannot make the app "${chosen}": there is one, and ${describeOrigin(there.origin)}`,
        )
      }
      return this.#put(chosen, definition)
    })
  }

  /** Adds an app or takes the place of one. Rejects with AppsError `app-read-only`, `too-many-apps`. */
  put(id: string, definition: AppDefinition): Promise<{ readonly entry: CatalogueEntry; readonly isNew: boolean }> {
    return this.#inTurn(async () => {
      const isNew = !this.#entries.has(id)
      this.#refuseReadOnly(id, 'change', ['ready-made'])
      return { entry: await this.#put(id, definition), isNew }
    })
  }

  /**
   * Makes something else of the definition of an app. Rejects with AppsError `app-not-found`, `app-read-only`,
   * `too-many-apps`, and what `change` throws.
   */
  change(id: string, change: (before: AppDefinition) => AppDefinition): Promise<CatalogueEntry> {
    return this.#inTurn(async () => {
      this.#refuseReadOnly(id, 'change')
      const before = this.#entries.get(id)
      if (!before) throw notFound('change', id)
      if (!before.definition) {
        throw new AppsError('app-read-only', `Cannot change the app "${id}": it is not understood; put all of it anew`)
      }
      return this.#put(id, change(before.definition))
    })
  }

  /** Lobbies that run go on with it. Rejects with AppsError `app-not-found`, `app-read-only`. */
  delete(id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#refuseReadOnly(id, 'delete')
      if (!this.#settings.delete(id)) throw notFound('delete', id)
      await this.#find()
    })
  }

  /**
   * Takes over what a text describes, all or nothing. What is in the file already has to be so there. Rejects with
   * AppsError `invalid-app`, `too-many-apps`.
   */
  import(text: string): Promise<ImportedApps> {
    return this.#inTurn(async () => {
      const { apps, faults } = readApps('import', text)
      const settled = apps.filter(({ id, definition }) =>
        isDeepStrictEqual(this.#entries.get(id)?.definition, definition),
      )
      const wanted = apps.filter((app) => !settled.includes(app))
      const refused = wanted.flatMap(({ id, line }) => {
        const origin = this.#entries.get(id)?.origin
        if (origin?.kind !== 'file') return []
        return [{ id, pointer: `/apps/${id}`, reason: `import:${line}: apps.${id}: ${describeOrigin(origin)}` }]
      })
      const all = [...faults, ...refused]
      if (all.length > 0) {
        const found = all.map(({ pointer, reason }) => ({ pointer, detail: reason }))
        throw new AppsError('invalid-app', `Cannot import: ${all.map(({ reason }) => reason).join('; ')}`, found)
      }
      const [changed, created] = partition(wanted, ({ id }) => this.#entries.has(id))
      if (wanted.length > 0) {
        this.#settings.put(wanted)
        await this.#find()
      }
      return { created: created.map(idOf), changed: changed.map(idOf), unchanged: settled.map(idOf) }
    })
  }

  /** Everything that was described here, as a file that says the same. */
  export(): string {
    return writeApps(
      [...this.#entries].flatMap(([id, { definition }]) => (definition === undefined ? [] : [{ id, definition }])),
    )
  }

  /** The file is not followed any more. */
  [Symbol.dispose](): void {
    this.#watch?.cancel()
  }

  async #put(id: string, definition: AppDefinition): Promise<CatalogueEntry> {
    this.#settings.put([{ id, definition }])
    await this.#find()
    const entry = this.#entries.get(id)
    if (!entry) throw notFound('find', id)
    return entry
  }

  #refuseReadOnly(id: string, what: string, except: readonly string[] = []): void {
    const origin = this.#entries.get(id)?.origin
    if (!origin || origin.kind === 'settings' || except.includes(origin.kind)) return
    throw new AppsError('app-read-only', `Cannot ${what} the app "${id}": ${describeOrigin(origin)}`)
  }

  async #followFile(): Promise<void> {
    try {
      if (await this.#file.hasChanged()) await this.#find()
    } catch (error) {
      this.#options.log.error('The apps could not be looked for', { error: messageOf(error) })
    }
  }

  /** Finds all apps anew; those of which nothing has changed stay the same objects. Throws StoreError. */
  async #find(): Promise<void> {
    const { clock, icons, readyMade = () => listApps(this.#options) } = this.#options
    const inFile = await this.#file.entries()
    const described = new Map([...this.#settings.list(), ...inFile].map((each) => [each.id, each]))
    const entries = new Map<string, CatalogueEntry>()
    for (const app of await readyMade()) {
      const icon = app.icon === undefined ? undefined : await iconOfReference(app.icon, icons)
      entries.set(app.id, this.#same({ app, origin: { kind: 'ready-made' }, definition: undefined, icon }))
    }
    for (const [id, each] of described) {
      const { origin } = each
      if ('fault' in each) {
        const app = unavailableApp(id, id, each.fault)
        entries.set(id, this.#same({ app, origin, definition: undefined, icon: undefined }))
      } else {
        const { definition } = each
        const app = await appOfDefinition(id, definition, this.#options)
        const icon = await iconOfDefinition(definition, icons)
        entries.set(id, this.#same({ app, origin, definition, icon }))
      }
    }
    this.#entries = entries
    this.#foundMs = clock.nowMs()
    const apps = [...entries.values()].map(({ app }) => app)
    const before = this.#apps.value
    if (apps.length !== before.length || apps.some((app, index) => app !== before[index])) this.#apps.set(apps)
  }

  /** With the app that was there before, when nothing of it has changed; the place of an app in the file may have. */
  #same(entry: CatalogueEntry): CatalogueEntry {
    const before = this.#entries.get(entry.app.id)
    const isSame =
      before !== undefined &&
      before.origin.kind === entry.origin.kind &&
      isDeepStrictEqual(before.definition, entry.definition) &&
      before.icon?.version === entry.icon?.version &&
      before.app.title === entry.app.title &&
      before.app.unavailable === entry.app.unavailable &&
      isDeepStrictEqual(before.app.without, entry.app.without)
    return isSame ? { ...entry, app: before.app } : entry
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

function idOf({ id }: { readonly id: string }): string {
  return id
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

function notFound(what: string, id: string): AppsError {
  return new AppsError('app-not-found', `Cannot ${what} the app "${id}": there is none with this id`)
}
