import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { signingKeyOf, type SigningKey } from '../../net/relay/lease-signing.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

const maxBytes = 4096

/**
 * The key that signs leases of relays: that of the file where one is named, else the host's own, made at the first time. Throws ServerError
 * `invalid-config`.
 */
export function openRelayIssuer(options: {
  readonly keyFile: string | undefined
  readonly dataDirectory: string
}): SigningKey {
  const { keyFile, dataDirectory } = options
  const file = keyFile ?? join(dataDirectory, 'relay-issuer.pem')
  try {
    if (keyFile === undefined && !existsSync(file)) {
      const { privateKey } = generateKeyPairSync('ed25519')
      writePrivateFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
    }
    return signingKeyOf(createPrivateKey(readPlainFile(file, maxBytes)))
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot use ${file} as the issuer's key: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** What relays are told of it by `--issuer`. */
export function publicIssuer({ publicKey }: SigningKey): string {
  return Buffer.from(publicKey).toString('base64url')
}
