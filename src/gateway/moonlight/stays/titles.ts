import { createHash } from 'node:crypto'
import type { Member } from '../../../domain/member.ts'
import { may, mayEnter } from '../../../domain/rights.ts'
import type { Host } from '../../../host/contract/host.ts'

/** What a client can begin. */
export type Title = { readonly kind: 'lobby' | 'app'; readonly id: string; readonly name: string }

/** What a member's clients can begin, by number: the lobbies that they may enter, then the apps that they may start. */
export function titlesOf(host: Pick<Host, 'lobbies' | 'apps'>, member: Member): ReadonlyMap<number, Title> {
  const lobbies = [...host.lobbies.values()]
    .filter(({ id, status }) => mayEnter(member, id) && status.value.status !== 'ended')
    .map(({ id, settings }): Title => ({ kind: 'lobby', id, name: settings.value.title }))
  const apps = may(member.role, 'manage-lobbies')
    ? host.apps
        .filter(({ unavailable }) => unavailable === undefined)
        .map(({ id, title }): Title => ({ kind: 'app', id, name: `Start ${title}` }))
    : []
  return numbered([...lobbies, ...apps])
}

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
