import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { Hash } from '../../src/kernel/session/auth/history.ts'
import type { SealCheck, SealKey } from '../../src/kernel/session/auth/seal.ts'

/** A key of its own, and what checks its seals. */
export function testSeal(): { readonly key: SealKey; readonly check: SealCheck } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const hash: Hash = (...parts) => {
    const sum = createHash('sha256')
    for (const part of parts) sum.update(part)
    return sum.digest()
  }
  return {
    key: { hash, sign: (bytes) => sign(null, bytes, privateKey) },
    check: { hash, verify: (bytes, signature) => verify(null, bytes, publicKey, signature) },
  }
}
