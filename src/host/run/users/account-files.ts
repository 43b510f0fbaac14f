import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from '../contract/run-scope.ts'
import type { UserIds } from '../sandbox/identity.ts'

/** Files that stand in the place of this machine's, by the path inside. */
export type PlacedFiles = ReadonlyMap<string, string>

export interface AccountFileOptions {
  readonly account: Account
  /** Inside. */
  readonly ids: UserIds
  readonly home: string
  /** Where the files are written; made. */
  readonly directory: string
}

/** Who there is for an app that is shut in: itself, root and nobody; and the number of a machine that is no other's. */
export async function writeOwnAccounts(options: AccountFileOptions): Promise<PlacedFiles> {
  const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'
  return writeFiles(options.directory, {
    '/etc/passwd': [`root:x:0:0:root:/root:/usr/sbin/nologin`, nobody, passwdLine(options), ''].join('\n'),
    '/etc/group': ['root:x:0:', 'nogroup:x:65534:', groupLine(options), ''].join('\n'),
    '/etc/machine-id': `${createHash('sha256').update(options.home).digest('hex').slice(0, 32)}\n`,
  })
}

/** This machine's users, and the app's with them. */
export async function writeMoreAccounts(options: AccountFileOptions): Promise<PlacedFiles> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '')
  return writeFiles(options.directory, {
    '/etc/passwd': `${ended(await read('/etc/passwd'))}${passwdLine(options)}\n`,
    '/etc/group': `${ended(await read('/etc/group'))}${groupLine(options)}\n`,
  })
}

async function writeFiles(directory: string, texts: Readonly<Record<string, string>>): Promise<PlacedFiles> {
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const files = new Map<string, string>()
  for (const [path, text] of Object.entries(texts)) {
    const file = join(directory, path.slice('/etc/'.length))
    await writeFile(file, text, { mode: 0o644 })
    files.set(path, file)
  }
  return files
}

function passwdLine({ account, ids, home }: AccountFileOptions): string {
  return [account.name, 'x', ids.uid, ids.gid, 'Porchlight', home, account.shell].join(':')
}

function groupLine({ account, ids }: AccountFileOptions): string {
  return `${account.name}:x:${ids.gid}:`
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
