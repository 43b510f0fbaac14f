import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'

/** Where programs are looked for when nobody says otherwise: what a login shell of root has on Debian. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The absolute path of a program, searched like a shell does it; undefined when there is none that can be executed. */
export async function findExecutable(name: string, path: string = defaultPath): Promise<string | undefined> {
  const candidates = name.includes('/')
    ? [resolve(name)]
    : path.split(delimiter).flatMap((directory) => (directory === '' ? [] : [join(directory, name)]))
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
