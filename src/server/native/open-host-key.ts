import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

const maxBytes = 4096

/** A host's key, and the secret half of it for the process that answers with it. */
export interface HostKey {
  readonly publicKey: Uint8Array
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/**
 * Who a host is on the native transport, made at the first time: whoever has this file can say to be this host. Throws ServerError
 * `invalid-config`.
 */
export function openHostKey(dataDirectory: string): HostKey {
  const file = hostKeyFile(dataDirectory)
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
    throw new ServerError('invalid-config', `Cannot use ${file} as the host's key: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Where the key is kept. */
export function hostKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'native-key.pem')
}
