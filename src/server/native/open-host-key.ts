import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { keyPairOf } from '../../net/native/node-crypto.ts'
import type { KeyPair } from '../../wire/native/noise-crypto.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

const maxBytes = 4096

/**
 * Who a host is on the native transport, made at the first time: whoever has this file can say to be this host. Throws ServerError
 * `invalid-config`.
 */
export function openHostKey(dataDirectory: string): KeyPair {
  const file = join(dataDirectory, 'native-key.pem')
  try {
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('x25519')
      writePrivateFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
    }
    const key = createPrivateKey(readPlainFile(file, maxBytes))
    if (key.asymmetricKeyType !== 'x25519') throw new RangeError('it has no key of X25519')
    return keyPairOf(key)
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot use ${file} as the host's key: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
