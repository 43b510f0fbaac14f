import { scrypt } from 'node:crypto'

/** Slow, so that nobody finds 50 bits by trying; RFC 7914, section 2: 16 MiB, some 40 ms of another core. */
const cost = { N: 2 ** 14, r: 8, p: 1 }
const keyBytes = 32

/** 32 bytes of a secret that people can type. Who has what was made with it tries all secrets for that salt anew. */
export function slowKey(secret: string, salt: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(secret, salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
  return promise
}
