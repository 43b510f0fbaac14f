import { createHmac, scrypt, timingSafeEqual } from 'node:crypto'
import type { Announcement } from '../contract/nearby.ts'

/**
 * Slow, so that nobody finds a code of 50 bits by trying; RFC 7914, section 2: 16 MiB, some 40 ms. Salted by who says it: one table is not for
 * all.
 */
const cost = { N: 2 ** 14, r: 8, p: 1 }
const keyBytes = 32

/** What proves that a member knows what lets into a party: its code, or its id where that is enough. */
export async function announcementKey(secret: string, peerId: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  scrypt(secret, `porchlight party ${peerId}`, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)))
  return promise
}

export function proofOf(announcement: Omit<Announcement, 'proof'>, key: Uint8Array): string {
  const { peerId, joinedMs, home, own, isLocal } = announcement
  const said = [peerId, joinedMs, home?.url, home?.fingerprint, own?.url, own?.fingerprint, isLocal]
  return createHmac('sha256', key)
    .update(JSON.stringify(said.map((part) => part ?? null)))
    .digest('hex')
    .slice(0, 32)
}

export function isProven(announcement: Announcement, key: Uint8Array): boolean {
  const [told, wanted] = [announcement.proof, proofOf(announcement, key)].map((text) => Buffer.from(text))
  return told?.length === wanted?.length && timingSafeEqual(told ?? Buffer.alloc(0), wanted ?? Buffer.alloc(0))
}
