import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { makeSelfSigned } from '../../net/identity/self-signed.ts'
import { readPlainFile } from '../files/read-plain-file.ts'
import { ServerError } from '../contract/server-error.ts'
import { writePrivateFile } from '../files/write-private-file.ts'

/** By which Moonlight's clients know a host: whoever has another is another host. */
export interface HostCredentials {
  /** PEM. */
  readonly certificate: string
  readonly key: string
  /** 16 hexadecimal digits. */
  readonly id: string
}

const maxBytes = 16_384
const years = 20

/**
 * Those of a data directory, made at the first time: a certificate of its own beside that of the web port, which is renewed. Throws
 * ServerError `invalid-config`.
 */
export function openHostCredentials(dataDirectory: string, nowMs: number): HostCredentials {
  const file = join(dataDirectory, 'moonlight.pem')
  try {
    if (!existsSync(file)) writePrivateFile(file, madeCredentials(nowMs))
    const text = readPlainFile(file, maxBytes)
    const [certificate, key] = text.split(/(?<=-----END CERTIFICATE-----\n)/)
    if (certificate === undefined || key === undefined)
      throw new RangeError('it has no certificate with a key behind it')
    return { certificate, key, id: createHash('sha256').update(certificate).digest('hex').slice(0, 16) }
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot use ${file} for Moonlight's clients: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function madeCredentials(nowMs: number): string {
  const { certificate, key } = makeSelfSigned({
    keyType: 'rsa',
    commonName: 'Porchlight',
    names: [],
    notBeforeMs: nowMs - 24 * 3600_000,
    notAfterMs: nowMs + years * 365 * 24 * 3600_000,
    serial: randomBytes(16),
  })
  return certificate + key
}
