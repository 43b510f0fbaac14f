import { rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { isSameDirectory, place, directoryIdentityOf } from './occupancy/directory-identity.ts'
import { readPlainFile } from './files/read-plain-file.ts'
import { writePrivateFile } from './files/write-private-file.ts'

/** How a command on the same machine reaches a server, with its owner's rights. */
export interface LocalAccess {
  readonly url: string
  readonly token: string
}

const schema = v.object({ url: v.pipe(v.string(), v.url()), token: v.string(), place })
const maxBytes = 16 * 1024

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'local-access.json')
}

/**
 * Leaves the way in for this user's commands, readable by nobody else, until it is disposed of. The token is made anew at
 * each start and is in no database; whoever can read the file could read the database beside it as well.
 */
export function leaveLocalAccess(dataDirectory: string, access: LocalAccess): Disposable {
  const path = fileIn(dataDirectory)
  writePrivateFile(path, JSON.stringify({ ...access, place: directoryIdentityOf(dataDirectory) }))
  return {
    [Symbol.dispose]() {
      // Somebody may have put that of another server there.
      if (readLocalAccess(dataDirectory)?.token === access.token) rmSync(path, { force: true })
    },
  }
}

/**
 * The way into the server that runs, or was killed, on this data; undefined when there is none. What a copy of the data has
 * of it leads to the server of the original, and is not for whoever means the copy.
 */
export function readLocalAccess(dataDirectory: string): LocalAccess | undefined {
  try {
    const found = v.safeParse(schema, JSON.parse(readPlainFile(fileIn(dataDirectory), maxBytes)))
    if (!found.success || !isSameDirectory(found.output.place, directoryIdentityOf(dataDirectory))) return undefined
    const { url, token } = found.output
    return { url, token }
  } catch {
    return undefined
  }
}

/** Where a program on this machine reaches the web port of a server that is bound so. */
export function localUrl(bindAddress: string, port: number): string {
  const address = bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress === '::' ? '::1' : bindAddress
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}
