import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { DescribedEntry } from './catalogue-entry.ts'
import { readAppsFile, type DescribedApps } from './read-apps-file.ts'

/** The file of apps, read again when it has become another one. */
export class FollowedAppsFile {
  readonly #path: string
  #stamp = ''
  #read: DescribedApps = { apps: [], faults: [] }

  constructor(path: string) {
    this.#path = path
  }

  /** Whether it is another one than was read. */
  async hasChanged(): Promise<boolean> {
    return (await stampOf(this.#path)) !== this.#stamp
  }

  /** What it describes now. */
  async entries(): Promise<readonly DescribedEntry[]> {
    const stamp = await stampOf(this.#path)
    if (stamp !== this.#stamp) {
      this.#read = await readAppsFile(this.#path)
      this.#stamp = stamp
    }
    const name = basename(this.#path)
    const { apps, faults } = this.#read
    return [
      ...apps.map(({ id, definition, line }): DescribedEntry => {
        return { id, origin: { kind: 'file', place: `${name}:${line}` }, definition }
      }),
      ...[...Map.groupBy(faults, ({ id }) => id)].map(([id, own]): DescribedEntry => {
        const [place = name] = /^[^:]*(?::\d+)?/.exec(own[0]?.reason ?? '') ?? []
        return { id, origin: { kind: 'file', place }, fault: own.map(({ reason }) => reason).join('; ') }
      }),
    ]
  }
}

/** Another text whenever the file may have become another one. */
async function stampOf(path: string): Promise<string> {
  return stat(path).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    (error: NodeJS.ErrnoException) => error.code ?? 'unreadable',
  )
}
