import { mkdir, readdir, rename, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the homes of an app's profiles are: each belongs to one lobby at a time and outlives it. */
export function homeOf(dataDirectory: string, appId: string, profile: string): string {
  return join(dataDirectory, 'homes', appId, profile)
}

/** Tells that what is beside it has profiles. */
const mark = '.profiles'

/**
 * Makes the directory of all homes. One in which each app had a single home is brought into the present form: that home
 * becomes the profile `default`. Each step is a rename, so that one who is interrupted goes on at the next start.
 */
export async function prepareHomes(dataDirectory: string): Promise<void> {
  const homes = join(dataDirectory, 'homes')
  const before = join(dataDirectory, 'homes-before-profiles')
  const isUnderWay = await exists(before)
  if (!isUnderWay && (await exists(homes)) && !(await exists(join(homes, mark)))) await rename(homes, before)
  await mkdir(homes, { recursive: true, mode: 0o700 })
  await writeFile(join(homes, mark), '')
  if (!(await exists(before))) return
  for (const entry of await readdir(before, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      await mkdir(join(homes, entry.name), { recursive: true, mode: 0o700 })
      await rename(join(before, entry.name), homeOf(dataDirectory, entry.name, 'default'))
    } else {
      await rename(join(before, entry.name), join(homes, entry.name))
    }
  }
  await rmdir(before)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
