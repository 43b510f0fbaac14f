import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { foundBelow } from './home-entries.ts'

/** By what browsers with Chromium's engine, and programs that are made with it, know that there is one already. */
const chromium = ['SingletonLock', 'SingletonSocket', 'SingletonCookie']
const firefox = ['lock', '.parentlock', 'parent.lock']
const jetBrains = ['.lock', '.pid', '.port', 'port.lock']
/** Of LibreOffice, beside a document that is open. */
const openDocument = [/^\.~lock\..*#$/]

/**
 * What says that a program runs, or has crashed: by the folder of a home that it lies in, where `*` is any one, and by its name.
 * Most of these hold the name of a machine, or the number of a process that may be another one by now.
 */
const locks: readonly (readonly [folder: string, names: readonly (string | RegExp)[]])[] = [
  ['.config/*', [...chromium, 'code.lock']],
  ['.config/BraveSoftware/*', chromium],
  ['.config/vivaldi/*', chromium],
  ['.config/libreoffice/*', ['.lock']],
  ['.config/libreoffice/*/user', ['.lock']],
  ['.config/JetBrains/*', jetBrains],
  ['.config/Google/*', jetBrains],
  // One that is left makes it ask whether to begin in safe mode.
  ['.config/obs-studio/.sentinel', [/^run_/]],
  ['.mozilla/firefox/*', firefox],
  ['.config/mozilla/firefox/*', firefox],
  ['.thunderbird/*', firefox],
  ['.librewolf/*', firefox],
  ['.waterfox/*', firefox],
  // The profile that the browser among the apps has.
  ['.porchlight-firefox*', firefox],
  ['.steam', ['steam.pid', 'steam.pipe']],
  ['.gnupg', [/\.lock$/, /^\.#lk/]],
  ['.dbus/session-bus', [/./]],
  ['', ['.Xauthority-c', '.Xauthority-l', '.ICEauthority-c', '.ICEauthority-l', ...openDocument]],
  ['Desktop', openDocument],
  ['Documents', openDocument],
  ['Downloads', openDocument],
]

/**
 * Removes from a home what says that programs run in it. One lobby has a home at a time, so that it is of programs that were
 * killed, under another name of the machine perhaps, or of the original where the home is a copy: a program would ask what
 * to do about that, refuse, wait, or open its window in the other one. Links that an app has put on the way lead nowhere. Rejects with
 * the system's error.
 */
export async function removeStaleLocks(home: string): Promise<void> {
  for (const [pattern, names] of locks) {
    for (const folder of await foldersOf(home, pattern)) {
      const entries = await readdir(join(home, folder), { withFileTypes: true }).catch(() => [])
      const stale = entries.filter((entry) => !entry.isDirectory() && names.some((name) => isNamed(entry.name, name)))
      for (const { name } of stale) await rm(join(home, folder, name), { force: true })
    }
  }
}

function isNamed(name: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? name === wanted : wanted.test(name)
}

/** The folders of a home that a pattern means, by their paths in it. */
async function foldersOf(home: string, pattern: string): Promise<readonly string[]> {
  let folders = ['']
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    const below = await Promise.all(
      folders.map(async (folder) => {
        const [begin = '', end] = part.split('*')
        if (end === undefined) return [join(folder, part)]
        const entries = await readdir(join(home, folder), { withFileTypes: true }).catch(() => [])
        return entries.filter(({ name }) => name.startsWith(begin)).map(({ name }) => join(folder, name))
      }),
    )
    const found = await Promise.all(below.flat().map(async (path) => (await foundBelow(home, path)) && path))
    folders = found.filter((path) => path !== undefined)
  }
  return folders
}
