import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { foundBelow } from './home-entries.ts'

const chromiumLocks = ['SingletonLock', 'SingletonSocket', 'SingletonCookie']
const chromiumFolders = [
  '.config/chromium',
  '.config/google-chrome',
  '.config/microsoft-edge',
  '.config/BraveSoftware/Brave-Browser',
]

const firefoxLocks = ['lock', '.parentlock', 'parent.lock']
const firefoxFolders = ['.mozilla/firefox', '.thunderbird', '.librewolf']
/** The profile that the browser among the apps has. */
const ownFirefox = /^\.porchlight-firefox/

/**
 * Removes from a home what says that programs run in it. One lobby has a home at a time, so that it is of programs that were
 * killed, under another name of the machine perhaps, or of the original where the home is a copy: a browser would ask what
 * to do about that, refuse, or open its window in the other one. Links that an app has put on the way lead nowhere. Rejects with
 * the system's error.
 */
export async function removeStaleLocks(home: string): Promise<void> {
  const below = async (folders: readonly string[]) => {
    const found = await Promise.all(folders.map((folder) => foundBelow(home, folder)))
    return found.filter((directory) => directory !== undefined)
  }
  const profiles = await Promise.all([
    ...(await below(firefoxFolders)).map((folder) => directoriesIn(folder, () => true)),
    directoriesIn(home, (name) => ownFirefox.test(name)),
  ])
  const chromium = await below(chromiumFolders)
  const locks = [
    ...chromium.flatMap((folder) => chromiumLocks.map((file) => join(folder, file))),
    ...profiles.flat().flatMap((profile) => firefoxLocks.map((file) => join(profile, file))),
  ]
  for (const lock of locks) await rm(lock, { force: true })
}

async function directoriesIn(parent: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && isWanted(entry.name)).map(({ name }) => join(parent, name))
}
