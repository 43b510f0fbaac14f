import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Hash } from '../../kernel/session/auth/history.ts'
import type { SealCheck, SealKey } from '../../kernel/session/auth/seal.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { ServerError } from '../contract/server-error.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

const maxKeyBytes = 4096

const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The key that seals recordings and the ledger; its public part stands beside it. */
function privateKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'recording-key.pem')
}

/** Whoever is to check elsewhere what was sealed takes a copy of it. */
export function publicKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'recording-key.pub.pem')
}

/** Opens the key of a data directory, an Ed25519 one that is made at the first time. Throws ServerError `invalid-config`. */
export function openRecordingKey(dataDirectory: string): SealKey {
  const file = privateKeyFile(dataDirectory)
  try {
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('ed25519')
      writePrivateFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    }
    const key = createPrivateKey(readPlainFile(file, maxKeyBytes))
    const told = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const publicFile = publicKeyFile(dataDirectory)
    // Where it is there already, a full disk is no reason not to start.
    if (!existsSync(publicFile) || readPlainFile(publicFile, maxKeyBytes) !== told) writePrivateFile(publicFile, told)
    return { hash: sha256, sign: (bytes) => sign(null, bytes, key) }
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot use ${file} to seal what is kept: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Reads a public key. Throws ServerError `invalid-config`. */
export function readSealCheck(file: string): SealCheck {
  let key: KeyObject
  try {
    key = createPublicKey(readPlainFile(file, maxKeyBytes))
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot use ${file} to check seals: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return { hash: sha256, verify: (bytes, signature) => verify(null, bytes, key, signature) }
}
