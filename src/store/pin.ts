import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'

/**
 * A PIN is short, so that what is kept of it is slow to try: scrypt (RFC 7914) with 32 MiB, about 80 ms. The salt comes
 * first, the key behind it.
 */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 }
const saltBytes = 16
const keyBytes = 32

/** What is kept of a PIN. */
export async function hashPin(pin: string): Promise<Uint8Array> {
  const salt = randomBytes(saltBytes)
  return Buffer.concat([salt, await derive(pin, salt)])
}

/** Compares in a time that does not tell where the difference is. */
export async function isPinOf(pin: string, hash: Uint8Array): Promise<boolean> {
  const found = await derive(pin, hash.subarray(0, saltBytes))
  return hash.length === saltBytes + keyBytes && timingSafeEqual(found, hash.subarray(saltBytes))
}

/** Six digits that nobody would try first. */
export function newPin(): string {
  for (;;) {
    const pin = String(randomInt(1e6)).padStart(6, '0')
    if (!isEasyPin(pin)) return pin
  }
}

/** Whether it is among the first that anybody tries: one digit over and over, or digits in a row. */
export function isEasyPin(pin: string): boolean {
  return /^(\d)\1*$/.test(pin) || '01234567890'.includes(pin) || '09876543210'.includes(pin)
}

function derive(pin: string, salt: Uint8Array): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(pin, salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
  return promise
}
