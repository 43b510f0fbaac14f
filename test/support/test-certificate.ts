import { randomBytes } from 'node:crypto'
import { makeSelfSigned, type SelfSigned } from '../../src/net/identity/self-signed.ts'

const dayMs = 24 * 3600_000

/** A certificate for this machine's loopback, or for other names or another time. */
export function testCertificate(
  options: { names?: readonly string[]; notBeforeMs?: number; notAfterMs?: number } = {},
): SelfSigned {
  const { names = ['localhost', '127.0.0.1'] } = options
  const { notBeforeMs = Date.now() - dayMs, notAfterMs = Date.now() + dayMs } = options
  return makeSelfSigned({
    keyType: 'ec',
    serial: randomBytes(16),
    commonName: 'Porchlight in a test',
    names,
    notBeforeMs,
    notAfterMs,
  })
}
