import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often an owner shows that it lives, for those who cannot see its process. */
const signOfLifeMs = 5000
/** Without a sign of life for so long, one that cannot be seen is gone. */
const patienceMs = 60_000

/**
 * Runs `work` while no other setup of this directory does. The lock is a directory, because making one is atomic; a
 * lock whose owner has died is taken over. In a container that shares the directory, process ids mean other processes: there an
 * owner is known by its signs of life.
 *
 * @template T
 * @param {{ directory: string, onWait?: (owner: string) => void, pollMs?: number }} options `pollMs` defaults to 200
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock({ directory, onWait, pollMs = 200 }, work) {
  mkdirSync(dirname(directory), { recursive: true })
  let told = false
  while (!acquire(directory)) {
    if (!told) onWait?.(ownerOf(directory)?.split(' ')[0] ?? 'unknown')
    told = true
    await sleep(pollMs)
  }
  const release = () => rmSync(directory, { recursive: true, force: true })
  const lives = setInterval(() => touch(directory), signOfLifeMs)
  lives.unref()
  process.once('exit', release)
  try {
    return await work()
  } finally {
    clearInterval(lives)
    process.removeListener('exit', release)
    release()
  }
}

/** @param {string} path */
function touch(path) {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Somebody has removed it; whoever comes next makes one of its own.
  }
}

/**
 * @param {string} directory
 * @returns {boolean} whether it is ours now
 */
function acquire(directory) {
  if (makeDirectory(directory)) {
    writeFileSync(join(directory, 'owner'), `${identity(process.pid) ?? `${process.pid} ?`} ${processNamespace()}`)
    return true
  }
  if (isStale(directory)) discard(directory)
  return false
}

/**
 * Only one process at a time may judge a lock and remove it, or the second would remove the fresh lock of a third.
 *
 * @param {string} directory
 */
function discard(directory) {
  const judge = `${directory}.judge`
  if (!makeDirectory(judge)) {
    if (ageMs(judge) > 10_000) rmSync(judge, { recursive: true, force: true })
    return
  }
  try {
    if (isStale(directory)) {
      const grave = `${directory}.${process.pid}`
      renameSync(directory, grave)
      rmSync(grave, { recursive: true, force: true })
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  } finally {
    rmSync(judge, { recursive: true, force: true })
  }
}

/**
 * @param {string} directory
 * @returns {boolean} whether its owner is gone; one who has not signed yet has ten seconds
 */
function isStale(directory) {
  const owner = ownerOf(directory)
  if (owner === undefined) return ageMs(directory) > 10_000
  const [pid, start, namespace] = owner.split(' ')
  if (namespace !== undefined && namespace !== processNamespace()) return ageMs(directory) > patienceMs
  return identity(Number(pid)) !== `${pid} ${start}`
}

/** @returns {string} the same for all processes that know each other by their ids; empty where there is no such thing */
function processNamespace() {
  try {
    // The first namespace has the same name on every machine.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}

/**
 * A process by its id and its start time, since ids come round again.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined when there is none
 */
function identity(pid) {
  try {
    // Field 22 of proc(5) stat; the second field is the name, in parentheses, and may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return isAlive(pid) ? `${pid} ?` : undefined
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/**
 * @param {string} directory
 * @returns {string | undefined}
 */
function ownerOf(directory) {
  try {
    return readFileSync(join(directory, 'owner'), 'utf8') || undefined
  } catch {
    return undefined
  }
}

/**
 * @param {string} path
 * @returns {number} 0 when it does not exist
 */
function ageMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs
}

/**
 * @param {string} path
 * @returns {boolean} false when it exists
 */
function makeDirectory(path) {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 * @returns {boolean}
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code
}
