import { seededRandom } from '../../src/kernel/seeded-random.ts'

/** What happens in a simulated party, and when. Who is the party's host then is found out as it runs. */
export interface PartyDeed {
  readonly atMs: number
  /** Number of a host, or whoever is the party's host at that time. */
  readonly who: number | 'party-host'
  readonly what: 'come' | 'leave' | 'crash' | 'move' | 'cut'
  /** Until it comes back, or its network does; 0 where there is nothing to come back. */
  readonly forMs: number
}
export type PartyScript = readonly PartyDeed[]

const tickMs = 100
/** All come within this time, and then the churn begins. */
const comingMs = 30_000
const quietMs = 40_000

/** Decided by the seed alone: hosts come, leave, crash and move, networks are cut, the party's own host among them. */
export function writePartyScript(options: { seed: number; hosts: number; minutes: number }): PartyScript {
  const { hosts, minutes } = options
  const random = seededRandom(options.seed)
  const script: PartyDeed[] = Array.from({ length: hosts }, (_, who) => {
    return { atMs: Math.floor((who / hosts) * comingMs), who, what: 'come', forMs: 0 }
  })
  for (let atMs = quietMs; atMs < minutes * 60_000; atMs += tickMs) {
    const who = random() < 0.1 ? 'party-host' : Math.floor(random() * hosts)
    const chance = random()
    if (chance < 0.03) script.push({ atMs, who, what: 'leave', forMs: Math.round(30_000 + random() * 60_000) })
    else if (chance < 0.05) script.push({ atMs, who, what: 'crash', forMs: Math.round(10_000 + random() * 600_000) })
    else if (chance < 0.06) script.push({ atMs, who, what: 'move', forMs: 0 })
    else if (chance < 0.063) {
      const forMs = Math.round(2000 + random() * 60_000)
      const share = random() * 0.3
      for (let each = 0; each < hosts; each++) {
        if (random() < share) script.push({ atMs, who: each, what: 'cut', forMs })
      }
    }
  }
  return script
}

/**
 * The same failure with as few deeds as can be had: what can be left out is, half of them at first and single ones in the end (Zeller's
 * ddmin). `fails` is asked at most `mostRuns` times.
 */
export async function shrinkPartyScript(
  script: PartyScript,
  fails: (script: PartyScript) => Promise<boolean>,
  mostRuns: number,
): Promise<PartyScript> {
  let least = script
  let parts = 2
  let runs = 0
  while (least.length > 1 && parts <= least.length) {
    const length = Math.ceil(least.length / parts)
    let shorter: PartyScript | undefined
    for (let from = 0; from < least.length && !shorter; from += length) {
      if (runs++ >= mostRuns) return least
      const rest = [...least.slice(0, from), ...least.slice(from + length)]
      if (await fails(rest)) shorter = rest
    }
    if (shorter) {
      least = shorter
      parts = Math.max(2, parts - 1)
    } else if (parts === least.length) {
      break
    } else {
      parts = Math.min(least.length, parts * 2)
    }
  }
  return least
}

/** A line for each deed, for people. */
export function formatPartyScript(script: PartyScript): string {
  return script
    .map(({ atMs, who, what, forMs }) => {
      const name = who === 'party-host' ? 'the party’s host' : `host-${who}`
      return `${(atMs / 1000).toFixed(1).padStart(8)} s  ${name} ${what}${forMs > 0 ? ` for ${forMs / 1000} s` : ''}`
    })
    .join('\n')
}
