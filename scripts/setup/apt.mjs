import { existsSync, readdirSync } from 'node:fs'
import { lastLines, runTool } from './run-tool.mjs'
import { elapsed, say } from './say.mjs'

/** @typedef {'root' | 'sudo'} Privilege */

const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']

/**
 * How packages can be installed without asking anybody: as root, or through a sudo that wants no password.
 *
 * @returns {Promise<Privilege | undefined>}
 */
export async function aptPrivilege() {
  if (process.getuid?.() === 0) return 'root'
  const { code } = await runTool({ command: 'sudo', args: ['-n', 'true'] })
  return code === 0 ? 'sudo' : undefined
}

/**
 * @param {readonly string[]} names
 * @param {Privilege} privilege
 * @returns {string} the one command for a person to run
 */
export function aptCommand(names, privilege) {
  const sudo = privilege === 'sudo' ? 'sudo ' : ''
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${names.join(' ')}`
}

/**
 * Installs packages, fetching the package lists first when there are none and again when they turn out to be old.
 *
 * @param {readonly string[]} names
 * @param {Privilege} privilege
 * @returns {Promise<string | undefined>} what went wrong
 */
export async function aptInstall(names, privilege) {
  const startedMs = performance.now()
  say(`installing Debian packages: ${names.join(' ')}`)
  const hadLists = hasPackageLists()
  if (!hadLists) await update(privilege)
  let result = await install(names, privilege)
  if (result.code !== 0 && hadLists) {
    await update(privilege)
    result = await install(names, privilege)
  }
  if (result.code !== 0) return `apt-get ended with ${result.code}. Its last words:\n${lastLines(result.output, 12)}`
  say(`  Debian packages installed in ${elapsed(startedMs)}`)
  return undefined
}

/** @returns {boolean} */
function hasPackageLists() {
  const directory = '/var/lib/apt/lists'
  return existsSync(directory) && readdirSync(directory).some((name) => /_Packages(\.\w+)?$/.test(name))
}

/** @param {Privilege} privilege */
async function update(privilege) {
  say('  fetching the package lists ...')
  await apt(['update'], privilege, 'still fetching the lists')
}

/**
 * @param {readonly string[]} names
 * @param {Privilege} privilege
 */
async function install(names, privilege) {
  const onLine = stageReporter()
  return await apt(['install', ...options, ...names], privilege, 'still installing', onLine)
}

/** @returns {(line: string) => void} says when apt-get enters its next stage */
function stageReporter() {
  const stages = [
    {
      mark: /^Need to get .* of archives/,
      text: (/** @type {string} */ line) => line.replace(/^Need to get/, 'downloading').replace(/\.$/, ' ...'),
    },
    { mark: /^Unpacking /, text: () => 'unpacking ...' },
    { mark: /^Setting up /, text: () => 'setting up ...' },
  ]
  return (line) => {
    const index = stages.findIndex(({ mark }) => mark.test(line))
    if (index < 0) return
    const [stage] = stages.splice(0, index + 1).slice(-1)
    if (stage) say(`  ${stage.text(line)}`)
  }
}

/**
 * @param {readonly string[]} args
 * @param {Privilege} privilege
 * @param {string} progress
 * @param {(line: string) => void} [onLine]
 */
async function apt(args, privilege, progress, onLine) {
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const call =
    privilege === 'sudo'
      ? { command: 'sudo', args: ['-n', 'env', ...assignments, 'apt-get', ...args] }
      : { command: 'apt-get', args, env: { ...process.env, ...env } }
  return await runTool({ ...call, progress, ...(onLine ? { onLine } : {}) })
}
