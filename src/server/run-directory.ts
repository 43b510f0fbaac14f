import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { messageOf } from '../kernel/coded-error.ts'
import { makeDirectory } from './files/make-directory.ts'
import { ServerError } from './contract/server-error.ts'

/** Where sockets and cookies live while the server runs: nobody else can look into it. */
export interface RunDirectory extends Disposable {
  readonly path: string
  /** Removes those that this host has left when it was killed: once their processes are gone. */
  removeLeftovers(): void
}

/** Paths of Unix sockets are short (108 bytes), and the longest below it have some 60. */
const longestConfigured = 40

/**
 * Makes the run directory, readable by this user alone, with the host's own name in it: several hosts may be given the same
 * place. Throws ServerError `run-directory-unusable`.
 */
export function openRunDirectory(
  configured: string | undefined,
  options: { hostId: string; xdgRuntimeDirectory: string | undefined },
): RunDirectory {
  const base = configured ?? usable(options.xdgRuntimeDirectory) ?? tmpdir()
  try {
    if (configured !== undefined) makePrivate(configured)
    // In a place that the user chose there is no need for a longer name.
    const start = `${configured === undefined ? 'porchlight-' : ''}${options.hostId}-`
    const path = mkdtempSync(join(base, start))
    return {
      path,
      removeLeftovers: () => removeLeftovers(base, start, path),
      [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
    }
  } catch (error) {
    throw error instanceof ServerError ? error : unusable(base, messageOf(error), error)
  }
}

/** The user chose it and may keep other things in it: it is made private, but stays. */
function makePrivate(path: string): void {
  if (path.length > longestConfigured) {
    throw unusable(path, `the path has more than ${longestConfigured} characters, too many for sockets in it`)
  }
  makeDirectory(path)
  const found = lstatSync(path)
  if (!found.isDirectory()) throw unusable(path, 'it is no directory')
  if (found.uid !== process.getuid?.()) throw unusable(path, 'it belongs to another user')
  chmodSync(path, 0o700)
}

function usable(path: string | undefined): string | undefined {
  if (!path || !isAbsolute(path)) return undefined
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() && found.uid === process.getuid?.() ? path : undefined
}

/** Only one server at a time has the host's name, so that all of them but its own are of those before it. */
function removeLeftovers(base: string, start: string, own: string): void {
  for (const name of readdirSync(base)) {
    const path = join(base, name)
    if (!name.startsWith(start) || path === own) continue
    if (lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.()) removeQuietly(path)
  }
}

/** What cannot be removed now is in nobody's way. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // The next start tries again.
  }
}

function unusable(path: string, why: string, cause?: unknown): ServerError {
  return new ServerError(
    'run-directory-unusable',
    `Cannot use ${path} as the run directory: ${why}. Choose another one with --run-directory.`,
    { cause },
  )
}
