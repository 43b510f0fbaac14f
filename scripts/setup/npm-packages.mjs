import { existsSync, readFileSync } from 'node:fs'
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs'
import { inRoot } from './paths.mjs'
import { lastLines, runTool } from './run-tool.mjs'
import { elapsed, say, SetupError } from './say.mjs'
import { withSetupLock } from './setup-lock.mjs'

const stampFile = inRoot('node_modules', '.porchlight-install')
export const setupLock = {
  directory: inRoot('.porchlight', 'setup.lock'),
  /** @param {string} owner */
  onWait: (owner) => say(`waiting for another setup of this directory (process ${owner}) ...`),
}

/** Installs exactly what package-lock.json says, unless that is what is there. Throws SetupError. */
export async function installNpmPackages() {
  const wanted = `${fingerprint([inRoot('package-lock.json')])} ${process.platform} ${process.arch}`
  if (readStamp(stampFile) === wanted) return
  await withSetupLock(setupLock, async () => {
    if (readStamp(stampFile) === wanted) return
    if (!isInstalled()) await runNpm()
    writeStamp(stampFile, wanted)
  })
}

async function runNpm() {
  const startedMs = performance.now()
  say('installing npm packages ...')
  const npm = process.env['npm_execpath']?.endsWith('npm-cli.js') ? process.env['npm_execpath'] : undefined
  // No package of ours needs its install script; node-av's would try a download of an ffmpeg command.
  const options = '--ignore-scripts --include=dev --include=optional --engine-strict=false --no-audit --no-fund'
  const { code, output } = await runTool({
    command: npm ? process.execPath : 'npm',
    args: [...(npm ? [npm] : []), 'ci', ...options.split(' '), '--loglevel=error'],
    env: { ...process.env, SKIP_FFMPEG: 'true' },
    progress: 'still installing',
  })
  if (code === 0) return say(`  npm packages installed in ${elapsed(startedMs)}`)
  throw new SetupError(`"npm ci" ended with ${code}. Its last words:\n${lastLines(output, 15)}`)
}

/**
 * Somebody may have run npm by hand. What it notes down at the end of an installation must then agree with the lock,
 * but for optional packages, which are for other platforms.
 *
 * @returns {boolean}
 */
function isInstalled() {
  const notes = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(notes)) return false
  return isSameInstall(
    JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')),
    JSON.parse(readFileSync(notes, 'utf8')),
  )
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 * @param {Lock} wanted package-lock.json
 * @param {Lock} found npm's own notes inside node_modules
 * @returns {boolean}
 */
export function isSameInstall(wanted, found) {
  const hasNothingElse = Object.keys(found.packages).every((path) => path in wanted.packages)
  return (
    hasNothingElse &&
    Object.entries(wanted.packages).every(([path, { version, integrity, optional }]) => {
      if (path === '') return true
      const there = found.packages[path]
      if (there === undefined) return optional === true
      return there.version === version && there.integrity === integrity
    })
  )
}
