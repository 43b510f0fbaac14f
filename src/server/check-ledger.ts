import { isDeepStrictEqual } from 'node:util'
import type { SealCheck } from '../kernel/session/auth/seal.ts'
import { checkChain } from '../kernel/session/auth/sealed-chain.ts'
import { rememberedRefusals } from '../host/contract/ledger.ts'
import { type Forgotten, type KeptLedger, type LedgerEntry, textDigest } from '../store/ledger-seal.ts'
import type { StoredRefusal } from '../store/stored-ledger.ts'

/** What the seals of a ledger say of it. */
export interface LedgerReport {
  /** Entries that are kept, and the numbers of the first and the last; somebody who knows the last one finds a ledger that was put back. */
  readonly entries: number
  readonly first: number
  readonly last: number
  /** Outboxes and texts that entries tell of. */
  readonly outboxes: number
  readonly texts: number
  /** Those that no entry tells of any more, or none ever did. */
  readonly uncovered: number
  /** What was altered, in words; empty when nothing was. */
  readonly faults: readonly string[]
}

/** As many faults are told. */
const mostFaults = 20

/**
 * Holds a ledger against its seals: its entries are those that were written, in their order, and what is kept of outboxes and texts is
 * what they tell. An older state of all of it at once is not found out; its last number is lower.
 */
export function checkLedger({ links, outboxes, texts }: KeptLedger, check: SealCheck): LedgerReport {
  const chain = checkChain(links, check)
  const faults: string[] = []
  if (chain.kind === 'altered') faults.push(`entry ${chain.number}: ${chain.why}`)
  const entries = links.flatMap(({ entry }) => readEntry(entry) ?? [])
  const told = new Told(entries)
  let uncovered = 0
  for (const { memberId, outbox, through, refused } of outboxes) {
    const last = told.outboxes.get(`${memberId} ${outbox}`)
    const name = `outbox ${JSON.stringify(outbox)} of ${JSON.stringify(memberId)}`
    if (!last) uncovered++
    else if (last.through !== through)
      faults.push(`${name}: it is done up to ${through}, its entries say ${last.through}`)
    else if (!endsLike(refused, last.refused.slice(-rememberedRefusals))) {
      faults.push(`${name}: its refusals are not those of its entries`)
    }
    told.outboxes.delete(`${memberId} ${outbox}`)
  }
  for (const key of told.outboxes.keys()) faults.push(`outbox ${JSON.stringify(key)}: it was used, and is gone`)
  const kept = new Set<number>()
  const oldest = new Map<string, number>()
  for (const { salt, ...text } of texts) {
    kept.add(text.id)
    if (!oldest.has(text.lobbyId)) oldest.set(text.lobbyId, text.id)
    const entry = told.texts.get(text.id)
    if (!salt || !entry) {
      if (salt && entries.length === links.length && links[0]?.number === 1)
        faults.push(`text ${text.id}: no entry tells of it`)
      else uncovered++
    } else if (entry.lobbyId !== text.lobbyId || entry.digest !== textDigest(check.hash, salt, text)) {
      faults.push(`text ${text.id}: it is not what was said`)
    }
  }
  for (const [id, { lobbyId }] of told.texts) {
    // Texts are forgotten from the oldest on, or all those of a lobby at once, which has an entry.
    if (!kept.has(id) && id > (oldest.get(lobbyId) ?? 0)) faults.push(`text ${id}: it was said, and is gone`)
  }
  return {
    entries: links.length,
    first: links[0]?.number ?? 0,
    last: links.at(-1)?.number ?? 0,
    outboxes: outboxes.length,
    texts: texts.length,
    uncovered,
    faults: faults.slice(0, mostFaults),
  }
}

/** The entries may tell less than what is kept, where older ones were forgotten. */
function endsLike(kept: readonly unknown[], told: readonly unknown[]): boolean {
  return told.length <= kept.length && isDeepStrictEqual(kept.slice(kept.length - told.length), told)
}

/** What the entries tell, in the end. */
class Told {
  /** Those that were not forgotten, by member and name. */
  readonly outboxes = new Map<string, ToldOutbox>()
  /** Those that were not forgotten. */
  readonly texts = new Map<number, { readonly lobbyId: string; readonly digest: string }>()

  constructor(entries: readonly LedgerEntry[]) {
    for (const entry of entries) {
      if ('forgotten' in entry) {
        this.#forget(entry.forgotten)
        continue
      }
      const { memberId, outbox, sequence, atMs, refusal, text } = entry
      const key = `${memberId} ${outbox}`
      const refused = this.outboxes.get(key)?.refused ?? []
      if (refusal) refused.push(refusal)
      this.outboxes.set(key, { through: sequence, usedMs: atMs, refused })
      if (text) this.texts.set(text.id, text)
    }
  }

  #forget(what: Forgotten): void {
    if ('lobbyId' in what) {
      for (const [id, { lobbyId }] of this.texts) if (lobbyId === what.lobbyId) this.texts.delete(id)
    } else if ('memberId' in what) {
      for (const outbox of what.outboxes) this.outboxes.delete(`${what.memberId} ${outbox}`)
    } else {
      for (const [key, { usedMs }] of this.outboxes) if (usedMs < what.unusedSinceMs) this.outboxes.delete(key)
    }
  }
}

interface ToldOutbox {
  readonly through: number
  readonly usedMs: number
  readonly refused: StoredRefusal[]
}

/** Undefined for what is no entry; its seal says so too. */
function readEntry(text: string): LedgerEntry | undefined {
  try {
    const entry = JSON.parse(text) as LedgerEntry | null
    const isEntry = typeof entry === 'object' && entry !== null && ('forgotten' in entry || 'sequence' in entry)
    return isEntry ? entry : undefined
  } catch {
    return undefined
  }
}
