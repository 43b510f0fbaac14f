import { access, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A tree of groups is rarely deeper than six; what is looked through ends somewhere. */
const mostLevels = 10
const mostGroups = 10_000

/**
 * The groups of a name anywhere in the tree that a group is in: a host that is started anew may be in another session or
 * service than before.
 */
export async function findGroups(own: string, name: string): Promise<readonly string[]> {
  const found: string[] = []
  let level: readonly string[] = [await rootOf(own)]
  let looked = 0
  for (let depth = 0; depth < mostLevels && level.length > 0 && looked < mostGroups; depth++) {
    const next: string[] = []
    for (const group of level) {
      const below = await directoriesIn(group)
      looked += below.length
      if (below.includes(name)) found.push(join(group, name))
      next.push(...below.filter((each) => each !== name).map((each) => join(group, each)))
    }
    level = next
  }
  return found
}

/** The highest group around one that can be seen. */
async function rootOf(group: string): Promise<string> {
  const above = dirname(group)
  const isGroup = await access(join(above, 'cgroup.controllers')).then(
    () => true,
    () => false,
  )
  return isGroup && above !== group ? rootOf(above) : group
}

/** The groups in one. */
export async function directoriesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
