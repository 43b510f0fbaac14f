import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { writePrivateFile } from './write-private-file.ts'

/** How a command on the same machine reaches a server, with its owner's rights. */
export interface LocalAccess {
  readonly url: string
  readonly token: string
}

const schema = v.object({ url: v.pipe(v.string(), v.url()), token: v.string() })

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'local-access.json')
}

/**
 * Leaves the way in for this user's commands, readable by nobody else, until it is disposed of. The token is made anew at
 * each start and is in no database; whoever can read the file could read the database beside it as well.
 */
export function leaveLocalAccess(dataDirectory: string, access: LocalAccess): Disposable {
  const path = fileIn(dataDirectory)
  writePrivateFile(path, JSON.stringify(access))
  return {
    [Symbol.dispose]() {
      // Another server may have been started on the same data meanwhile.
      if (readLocalAccess(dataDirectory)?.token === access.token) rmSync(path, { force: true })
    },
  }
}

/** The way into the server that runs, or was killed, on this data; undefined when there is none. */
export function readLocalAccess(dataDirectory: string): LocalAccess | undefined {
  try {
    const found = v.safeParse(schema, JSON.parse(readFileSync(fileIn(dataDirectory), 'utf8')))
    return found.success ? found.output : undefined
  } catch {
    return undefined
  }
}

/** Where a program on this machine reaches the web port of a server that is bound so. */
export function localUrl(bindAddress: string, port: number): string {
  const address = bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress === '::' ? '::1' : bindAddress
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}
