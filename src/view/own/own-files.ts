import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { KnownHosts } from '../../net/identity/known-hosts.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { ViewError } from '../contract/view-error.ts'

/** More than a thousand hosts have. */
const maxBytes = 1024 * 1024

/** Where a viewer keeps who it is: `$XDG_CONFIG_HOME/porchlight`, or `~/.config/porchlight`. */
export function ownDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const configHome = environment['XDG_CONFIG_HOME']
  // The XDG base directory specification says that relative paths are to be ignored.
  const base = configHome && isAbsolute(configHome) ? configHome : join(environment['HOME'] || homedir(), '.config')
  return join(base, 'porchlight')
}

/**
 * What a viewer keeps on disk, for this user alone: its own key, which is who it is to every host, and the keys of the hosts that it has
 * been to. All calls throw ViewError `unusable-files`.
 */
export class OwnFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Made at the first time: whoever has the file can say to be this device. */
  deviceKey(): KeyPair {
    const file = join(this.#directory, 'device-key.pem')
    return this.#using(file, () => {
      if (!existsSync(file)) {
        const { privateKey } = generateKeyPairSync('x25519')
        this.#write(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 'first')
      }
      const key = createPrivateKey(readText(file))
      if (key.asymmetricKeyType !== 'x25519') throw new RangeError('it has no key of X25519')
      return keyPairFrom(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'))
    })
  }

  knownHosts(): KnownHosts {
    const file = this.#hostsFile
    return this.#using(file, () => KnownHosts.parse(existsSync(file) ? readText(file) : ''))
  }

  /** Changes what is known as it is on disk now: another viewer may have written meanwhile. */
  changeKnownHosts(change: (known: KnownHosts) => KnownHosts): void {
    const known = this.knownHosts()
    const changed = change(known)
    if (changed !== known) this.#using(this.#hostsFile, () => this.#write(this.#hostsFile, changed.format(), 'newest'))
  }

  get #hostsFile(): string {
    return join(this.#directory, 'known-hosts')
  }

  /** The file is there whole or as it was; of two who write the `first`, one does. */
  #write(file: string, text: string, which: 'first' | 'newest'): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const fresh = `${file}.${process.pid}`
    rmSync(fresh, { force: true })
    try {
      writeFileSync(fresh, text, { mode: 0o600, flag: 'wx', flush: true })
      if (which === 'newest') return renameSync(fresh, file)
      try {
        linkSync(fresh, file)
      } catch (error) {
        if (!existsSync(file)) throw error
      }
    } finally {
      rmSync(fresh, { force: true })
    }
  }

  #using<Result>(file: string, act: () => Result): Result {
    try {
      return act()
    } catch (error) {
      throw new ViewError('unusable-files', `Cannot use ${file}: ${messageOf(error)}`, { cause: error })
    }
  }
}

function readText(file: string): string {
  const found = statSync(file)
  if (!found.isFile() || found.size > maxBytes)
    throw new RangeError('it is no plain file, or too long for one of these')
  return readFileSync(file, 'utf8')
}
