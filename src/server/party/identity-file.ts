import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { IdentityFile } from '../../party/manager/own-identity.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

/** The keys of as many members as a party has take half of it. */
const maxBytes = 256 * 1024

/**
 * Who this host is among peers, in `party.json` of the data directory, readable by nobody else: it is apart from the registry, so that the
 * host stays itself where that has to begin anew.
 */
export function identityFile(dataDirectory: string): IdentityFile {
  const file = join(dataDirectory, 'party.json')
  return {
    read: () => (existsSync(file) ? (JSON.parse(readPlainFile(file, maxBytes)) as unknown) : undefined),
    write: (identity) => writePrivateFile(file, JSON.stringify(identity)),
  }
}
