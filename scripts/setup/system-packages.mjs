import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { aptCommand, aptInstall, aptPrivilege } from './apt.mjs'
import { say, SetupError } from './say.mjs'

/**
 * What Debian has to give. It is there when its proof is: a command, or a file by its absolute path.
 *
 * @typedef {object} SystemPackage
 * @property {string} name
 * @property {string} proof
 * @property {string} why
 * @property {string} without what works all the same
 * @property {'desktop' | 'tests' | 'some-tests'} need `some-tests` are skipped without it: not every distribution has it
 */

/** @type {readonly SystemPackage[]} */
export const systemPackages = [
  {
    name: 'tigervnc-standalone-server',
    proof: 'Xvnc',
    why: 'virtual displays that change their size while an app runs',
    without: 'displays keep their first size (Xvfb); without that too, only the test pattern runs',
    need: 'desktop',
  },
  {
    name: 'x11-xkb-utils',
    proof: 'setxkbmap',
    why: 'keyboard layouts',
    without: 'every display has the US layout',
    need: 'desktop',
  },
  {
    name: 'xkb-data',
    proof: '/usr/share/X11/xkb/rules/evdev',
    why: 'the layouts themselves',
    without: 'X servers do not start; only the test pattern runs',
    need: 'desktop',
  },
  {
    name: 'x11-xserver-utils',
    proof: 'xsetroot',
    why: 'the background and pointer that apps begin with',
    without: 'desktop and terminal do not run',
    need: 'desktop',
  },
  { name: 'pulseaudio', proof: 'pulseaudio', why: 'sound', without: 'apps run without sound', need: 'desktop' },
  {
    name: 'pulseaudio-utils',
    proof: 'parec',
    why: 'recording what apps play',
    without: 'apps run without sound',
    need: 'desktop',
  },
  {
    name: 'bubblewrap',
    proof: 'bwrap',
    why: 'shutting apps in, and the display and sound servers that they speak to',
    without: 'no app can have a sandbox, and started as root, apps are root',
    need: 'desktop',
  },
  {
    name: 'openbox',
    proof: 'openbox',
    why: 'windows that can be moved on the desktop',
    without: 'the terminal and the test pattern run, the desktop does not',
    need: 'desktop',
  },
  { name: 'tint2', proof: 'tint2', why: 'the panel', without: 'the desktop does not run', need: 'desktop' },
  { name: 'hsetroot', proof: 'hsetroot', why: 'the wallpaper', without: 'the desktop does not run', need: 'desktop' },
  { name: 'xterm', proof: 'xterm', why: 'the terminal', without: 'the terminal does not run', need: 'desktop' },
  {
    name: 'pcmanfm',
    proof: 'pcmanfm',
    why: 'the file manager',
    without: 'the desktop has no file manager',
    need: 'desktop',
  },
  {
    name: 'mousepad',
    proof: 'mousepad',
    why: 'the text editor',
    without: 'the desktop has no text editor',
    need: 'desktop',
  },
  {
    name: 'fonts-dejavu-core',
    proof: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
    why: 'readable text',
    without: 'apps show whatever font there is',
    need: 'desktop',
  },
  {
    name: 'fonts-droid-fallback',
    proof: '/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf',
    why: 'Chinese, Japanese and Korean text, 2 MB',
    without: 'apps show boxes in place of such text',
    need: 'desktop',
  },
  {
    name: 'dbus-x11',
    proof: 'dbus-launch',
    why: 'the session bus that desktop apps talk over',
    without: 'some desktop apps start slowly or not at all',
    need: 'desktop',
  },
  {
    name: 'xvfb',
    proof: 'Xvfb',
    why: 'the second kind of X server, for where Xvnc cannot be had',
    without: 'nothing is missed where Xvnc is',
    need: 'tests',
  },
  {
    name: 'chromium',
    proof: 'chromium',
    why: 'the browser of the end-to-end tests',
    without: 'everything but those tests',
    need: 'tests',
  },
  {
    name: 'nginx-light',
    proof: 'nginx',
    why: 'the proxy that a test of folders and TLS stands behind',
    without: 'everything but that test',
    need: 'tests',
  },
  {
    name: 'caddy',
    proof: 'caddy',
    why: 'the other proxy that a test of folders and TLS stands behind',
    without: 'everything but that test',
    need: 'some-tests',
  },
  {
    name: 'nftables',
    proof: 'nft',
    why: 'the routers of the lab in which paths through NATs are found',
    without: 'everything but that test; the same NATs are simulated elsewhere',
    need: 'some-tests',
  },
  {
    name: 'wireguard-go',
    proof: 'wireguard-go',
    why: 'the network of a party, in the same lab',
    without: 'everything but those tests',
    need: 'some-tests',
  },
  {
    name: 'firefox-esr',
    proof: 'firefox-esr',
    why: 'the other browser of the end-to-end tests',
    without: 'everything but those tests',
    need: 'tests',
  },
]

/**
 * For `start`: installs what the desktop needs, or says how to; the server runs either way and shows what it can.
 */
export async function offerSystemPackages() {
  const missing = missingPackages(systemPackages.filter(({ need }) => need === 'desktop'))
  if (missing.length === 0) return
  const problem = await installOrExplain(missing)
  if (problem === undefined) return
  say(problem)
  for (const { name, why, without } of missing) say(`  ${name}: ${why}. Without it: ${without}.`)
}

/**
 * For tests and benchmarks, which need all of them but what only some tests want. Throws SetupError.
 */
export async function requireSystemPackages() {
  const missing = missingPackages(systemPackages.filter(({ need }) => need !== 'some-tests'))
  const problem = missing.length === 0 ? undefined : await installOrExplain(missing)
  if (problem !== undefined) throw new SetupError(problem)
  const wanted = missingPackages(systemPackages.filter(({ need }) => need === 'some-tests'))
  const pity = wanted.length === 0 ? undefined : await installOrExplain(wanted)
  if (pity !== undefined) say(pity)
}

/**
 * @param {readonly SystemPackage[]} packages
 * @param {(proof: string) => boolean} isThere
 * @returns {SystemPackage[]}
 */
export function missingPackages(packages, isThere = isOnThisSystem) {
  return packages.filter(({ proof }) => !isThere(proof))
}

/**
 * @param {readonly SystemPackage[]} missing
 * @returns {Promise<string | undefined>} why they are still missing and what helps; undefined when they are there
 */
async function installOrExplain(missing) {
  const names = missing.map(({ name }) => name)
  const remedy = `install them with: ${aptCommand(names, process.getuid?.() === 0 ? 'root' : 'sudo')}`
  if (process.env['PORCHLIGHT_NO_SYSTEM_PACKAGES'] === '1') {
    return `system packages are missing, and PORCHLIGHT_NO_SYSTEM_PACKAGES=1 says not to install them; ${remedy}`
  }
  if (!isOnThisSystem('apt-get')) {
    return `these are missing, and only Debian's apt-get is known here; install what gives you: ${missing.map(({ proof }) => proof).join(' ')}`
  }
  const privilege = await aptPrivilege()
  if (privilege === undefined) return `system packages are missing, and installing them needs root; ${remedy}`
  const failure = await aptInstall(names, privilege)
  if (failure !== undefined) return `${failure}\n  To try by hand, ${remedy}`
  const still = missingPackages(missing)
  if (still.length === 0) return undefined
  return `apt-get succeeded, but there is still no ${still.map(({ proof }) => proof).join(', ')}`
}

/**
 * @param {string} proof
 * @returns {boolean}
 */
function isOnThisSystem(proof) {
  if (proof.startsWith('/')) return existsSync(proof)
  const directories = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter)
  return directories.some((directory) => {
    try {
      accessSync(join(directory, proof), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
