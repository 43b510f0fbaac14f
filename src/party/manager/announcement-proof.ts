import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Announcement } from '../contract/nearby.ts'
import { slowKey } from './slow-key.ts'

/**
 * What proves that a member knows what lets into a party: the first part of its code, or its id where that is enough. Salted by who says it:
 * one table is not for all.
 */
export function announcementKey(secret: string, peerId: string): Promise<Buffer> {
  return slowKey(secret, `porchlight party ${peerId}`)
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
