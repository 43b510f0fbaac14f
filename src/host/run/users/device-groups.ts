import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The groups that may use these device nodes, or those in these directories; never root's. */
export async function groupsOf(paths: readonly string[]): Promise<readonly number[]> {
  const groups = new Set<number>()
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found) continue
    const inside = found.isDirectory() ? await readdir(path).catch(() => []) : undefined
    for (const node of inside?.map((name) => join(path, name)) ?? [path]) {
      const device = await stat(node).catch(() => undefined)
      if (device?.isCharacterDevice() && (device.mode & 0o060) === 0o060 && device.gid !== 0) groups.add(device.gid)
    }
  }
  return [...groups].toSorted((a, b) => a - b)
}
