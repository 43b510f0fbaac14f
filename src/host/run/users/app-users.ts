import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { UserIds } from '../sandbox/identity.ts'
import { giveTree } from './give-tree.ts'
import { idsOf, isIn, type UserRange } from './user-range.ts'

/**
 * The users of a host's apps: one for each home, and so one for each lobby, since a home belongs to one lobby at a time. Who it is
 * stands in the home itself: it is the one that the home belongs to.
 */
export class AppUsers {
  readonly range: UserRange
  readonly #held = new Set<number>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(range: UserRange) {
    this.range = range
  }

  /** The user of a home, which is given to them with all that is in it; nobody else gets them until `release`. */
  take(home: string): Promise<{ readonly ids: UserIds; release(): void }> {
    // One after the other, or two new homes would find the same number free.
    const taken = this.#last.then(() => this.#take(home))
    this.#last = taken.catch(() => {})
    return taken
  }

  async #take(home: string) {
    const { uid: owner } = await lstat(home)
    const uid = isIn(this.range, owner) && !this.#held.has(owner) ? owner : await this.#free(home)
    this.#held.add(uid)
    try {
      await giveTree(home, idsOf(uid))
    } catch (error) {
      this.#held.delete(uid)
      throw error
    }
    return { ids: idsOf(uid), release: () => void this.#held.delete(uid) }
  }

  /** Nobody's, neither of a lobby that runs nor of a home that waits. Homes are two deep: `homes/<app>/<profile>`. */
  async #free(home: string): Promise<number> {
    const used = new Set(this.#held)
    const homes = dirname(dirname(home))
    for (const app of await directoriesIn(homes)) {
      for (const profile of await directoriesIn(join(homes, app))) {
        used.add((await lstat(join(homes, app, profile))).uid)
      }
    }
    const { first, count } = this.range
    for (let uid = first; uid < first + count; uid++) if (!used.has(uid)) return uid
    throw new Error(`Cannot find a user for the app: ${count} homes have one`)
  }
}

async function directoriesIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
