import { createHash } from 'node:crypto'
import type { UserIds } from '../sandbox/identity.ts'

/** Users of one host: `count` numbers from `first` on, each of them a user and a group. */
export interface UserRange {
  readonly first: number
  readonly count: number
}

/** Where nobody else takes numbers from (systemd's "Users, Groups, UIDs and GIDs"): 0x70000000 and up to 2^31. */
const free = { first: 1_879_048_192, count: 268_435_456 }
/** Below 65,536, for containers that have no more: what systemd gives to services while they run. */
const freeInContainers = { first: 61_184, count: 4096 }
/** So many homes may a host have. */
const ownCount = 4096

/**
 * The numbers of a host, which follow from its name: a copy of its data, which is another host, has others. Undefined where
 * this user namespace has no such numbers. `map` is /proc/self/uid_map (user_namespaces(7)).
 */
export function userRange(hostId: string, map: string): UserRange | undefined {
  const parts = [...map.matchAll(/^\s*(\d+)\s+\d+\s+(\d+)$/gm)].map(([, first, count]) => ({
    first: Number(first),
    count: Number(count),
  }))
  const isMapped = ({ first, count }: UserRange) =>
    parts.some((part) => part.first <= first && first + count <= part.first + part.count)
  const within = [free, freeInContainers].find(isMapped)
  if (!within) return undefined
  const places = within.count / ownCount
  const place = createHash('sha256').update(hostId).digest().readUInt32BE() % places
  return { first: within.first + place * ownCount, count: ownCount }
}

export function isIn({ first, count }: UserRange, uid: number): boolean {
  return uid >= first && uid < first + count
}

/** A user and the group of the same number. */
export function idsOf(uid: number): UserIds {
  return { uid, gid: uid }
}
