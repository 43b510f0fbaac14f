import { existsSync, rmSync } from 'node:fs'
import type { KeptText } from '../../party/mesh/device/interface-record.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

const mostBytes = 4096

/** One text in a file that only this user can read. */
export function keptFile(path: string): KeptText {
  return {
    read: () => (existsSync(path) ? readPlainFile(path, mostBytes) : undefined),
    write: (text) => writePrivateFile(path, text),
    remove: () => rmSync(path, { force: true }),
  }
}
