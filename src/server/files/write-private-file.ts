import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

/**
 * Writes a file that only this user can read. It is there whole or, whatever happens, as it was before. Throws the system's
 * error.
 */
export function writePrivateFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`
  rmSync(fresh, { force: true })
  try {
    const file = openSync(fresh, 'wx', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}
