import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { messageOf } from '../kernel/coded-error.ts'
import { makeDirectory } from './make-directory.ts'
import { ServerError } from './server-error.ts'

/** Where sockets and cookies live while the server runs: nobody else can look into it. */
export interface RunDirectory extends Disposable {
  readonly path: string
}

/** Names of the directories that are made when none is configured, with the process's id. */
const ownName = /^porchlight-(\d+)-\w{6}$/

/**
 * Makes the run directory, readable by this user alone, and removes those that crashed servers have left. Throws
 * ServerError `run-directory-unusable`. Paths of Unix sockets are short (108 bytes), so a deep one is refused as well.
 */
export function openRunDirectory(
  configured: string | undefined,
  options: { pid: number; xdgRuntimeDirectory: string | undefined },
): RunDirectory {
  if (configured !== undefined) return openConfigured(configured)
  const base = usable(options.xdgRuntimeDirectory) ?? tmpdir()
  try {
    removeLeftovers(base)
    const path = mkdtempSync(join(base, `porchlight-${options.pid}-`))
    return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
  } catch (error) {
    throw unusable(base, messageOf(error), error)
  }
}

/** The user chose it and may keep other things in it: it is made private, but stays. */
function openConfigured(path: string): RunDirectory {
  if (path.length > 60) throw unusable(path, 'the path has more than 60 characters, too many for sockets in it')
  try {
    makeDirectory(path)
    const found = lstatSync(path)
    if (!found.isDirectory()) throw unusable(path, 'it is no directory')
    if (found.uid !== process.getuid?.()) throw unusable(path, 'it belongs to another user')
    chmodSync(path, 0o700)
  } catch (error) {
    throw error instanceof ServerError ? error : unusable(path, messageOf(error), error)
  }
  return { path, [Symbol.dispose]() {} }
}

function usable(path: string | undefined): string | undefined {
  if (!path || !isAbsolute(path)) return undefined
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() && found.uid === process.getuid?.() ? path : undefined
}

function removeLeftovers(base: string): void {
  for (const name of readdirSync(base)) {
    const pid = ownName.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const path = join(base, name)
    if (lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.()) removeQuietly(path)
  }
}

/** Another server that starts at this moment may be at it as well. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // The next start tries again.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function unusable(path: string, why: string, cause?: unknown): ServerError {
  return new ServerError(
    'run-directory-unusable',
    `Cannot use ${path} as the run directory: ${why}. Choose another one with --run-directory.`,
    { cause },
  )
}
