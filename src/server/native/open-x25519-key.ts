import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { messageOf } from '../../kernel/coded-error.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

const maxBytes = 4096

/** Both halves of a key of X25519. */
export interface X25519Key {
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/** The key in a file that only this user can read, made at the first time; `what` it is is told in errors. Throws ServerError `invalid-config`. */
export function openX25519Key(file: string, what: string): X25519Key {
  try {
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('x25519')
      writePrivateFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
    }
    const key = createPrivateKey(readPlainFile(file, maxBytes))
    if (key.asymmetricKeyType !== 'x25519') throw new RangeError('it has no key of X25519')
    const secret = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
    return { publicKey: keyPairFrom(secret).publicKey, secret }
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot use ${file} as ${what}: ${messageOf(error)}`, { cause: error })
  }
}
