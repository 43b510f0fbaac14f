import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../../../kernel/clock.ts'
import { loadPlainFile } from '../../files/read-plain-file.ts'

/** Themes that every other one falls back on, and where single pictures are. */
const themes = ['hicolor', 'Adwaita', 'gnome', 'Papirus', 'breeze']
/** Best first: a page shows icons of 40 pixels, on some screens at three times that. */
const sizes = ['scalable', '128x128', '256x256', '96x96', '64x64', '48x48', '512x512', '32x32']
const contexts = ['apps', 'categories', 'places', 'devices']
const endings = ['svg', 'png']

const maxEntries = 2000
const maxEntryBytes = 256 * 1024
/** What was found is true for so long, in milliseconds: looking is hundreds of calls. */
const freshMs = 60_000

/**
 * Icons of installed programs: from their desktop entries and from the icon themes (freedesktop.org Desktop Entry and
 * Icon Theme Specifications), as far as that is to be had without reading every theme's index.
 */
export class InstalledIcons {
  /** Directories with `applications`, `icons` and `pixmaps` in them, best first. */
  readonly #dataDirectories: readonly string[]
  readonly #clock: Clock
  readonly #files = new Map<string, Promise<string | undefined>>()
  #names: Promise<ReadonlyMap<string, string>> | undefined
  #sinceMs = -Infinity

  constructor(dataDirectories: readonly string[], clock: Clock) {
    this.#dataDirectories = dataDirectories
    this.#clock = clock
  }

  /** The file of an icon by its name; undefined when there is none. */
  fileOf(name: string): Promise<string | undefined> {
    this.#forgetOld()
    const known = this.#files.get(name)
    if (known) return known
    const found = this.#look(name)
    this.#files.set(name, found)
    return found
  }

  /** The file of the icon that a program has in the menus of desktops. */
  async fileOfProgram(program: string): Promise<string | undefined> {
    this.#forgetOld()
    this.#names ??= this.#readEntries()
    const name = (await this.#names).get(basename(program))
    if (name === undefined) return this.fileOf(basename(program))
    return name.startsWith('/') ? name : this.fileOf(name)
  }

  #forgetOld(): void {
    if (this.#clock.nowMs() - this.#sinceMs < freshMs) return
    this.#sinceMs = this.#clock.nowMs()
    this.#files.clear()
    this.#names = undefined
  }

  async #look(name: string): Promise<string | undefined> {
    if (!/^[\w][\w.+-]{0,127}$/.test(name)) return undefined
    for (const directory of this.#dataDirectories) {
      const inThemes = themes.flatMap((theme) =>
        sizes.flatMap((size) => contexts.map((context) => join(directory, 'icons', theme, size, context))),
      )
      for (const place of [...inThemes, join(directory, 'pixmaps')]) {
        for (const ending of endings) {
          const file = join(place, `${name}.${ending}`)
          if (await isFile(file)) return file
        }
      }
    }
    return undefined
  }

  /** Names of icons by the program that an entry starts; one that starts it without arguments counts most. */
  async #readEntries(): Promise<ReadonlyMap<string, string>> {
    const plain = new Map<string, string>()
    const others = new Map<string, string>()
    for (const directory of this.#dataDirectories.toReversed()) {
      const applications = join(directory, 'applications')
      const files = await readdir(applications).catch(() => [])
      for (const file of files.filter((name) => name.endsWith('.desktop')).slice(0, maxEntries)) {
        const entry = readEntry(await readText(join(applications, file)))
        if (entry) (entry.isPlain ? plain : others).set(entry.program, entry.icon)
      }
    }
    return new Map([...others, ...plain])
  }
}

/** Directories of the XDG Base Directory Specification. */
export function dataDirectoriesOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const listed = (environment['XDG_DATA_DIRS'] ?? '').split(':').filter((path) => path.startsWith('/'))
  return listed.length > 0 ? listed.slice(0, 8) : ['/usr/local/share', '/usr/share']
}

function readEntry(text: string) {
  const [, main = ''] = /^\[Desktop Entry\]$([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(text) ?? []
  const icon = /^Icon\s*=\s*(\S.*?)\s*$/m.exec(main)?.[1]
  const [first = '', ...words] = (/^Exec\s*=\s*(\S.*?)\s*$/m.exec(main)?.[1] ?? '').split(/\s+/)
  const program = basename(first.replaceAll('"', ''))
  if (icon === undefined || program === '') return undefined
  return { icon, program, isPlain: words.every((word) => word.startsWith('%')) }
}

async function readText(file: string): Promise<string> {
  return loadPlainFile(file, maxEntryBytes).then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  )
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
}
