import { createHash } from 'node:crypto'

/** What a client can begin. */
export type Title = { readonly kind: 'lobby' | 'app'; readonly id: string; readonly name: string }

/**
 * Numbers for titles: clients keep them, and show what they keep. They follow from what the title is, so that they are the same
 * after a restart and on every server of one data directory. Of two that would have the same the later one gets another.
 */
export function numbered(titles: readonly Title[]): ReadonlyMap<number, Title> {
  const numbers = new Map<number, Title>()
  for (const title of titles) {
    let attempt = 0
    while (numbers.has(numberOf(title, attempt))) attempt++
    numbers.set(numberOf(title, attempt), title)
  }
  return numbers
}

/** 1 to 2^31-1. */
function numberOf({ kind, id }: Title, attempt: number): number {
  const hash = createHash('sha256').update(`${kind} ${id} ${attempt}`).digest()
  return hash.readUInt32BE() & 0x7fffffff || 1
}
