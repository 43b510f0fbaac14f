import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Hash } from '../kernel/session/auth/history.ts'
import type { SealKey } from '../kernel/session/auth/seal.ts'
import { type ChainLink, nextLink } from '../kernel/session/auth/sealed-chain.ts'
import { bytesColumn, numberColumn, optional, readRow, textColumn, type RowSchema } from './read-row.ts'
import { progressSchema, textSchema, type StoredOutbox, type StoredRefusal, type StoredText } from './stored-ledger.ts'

/** What an entry of the sealed ledger tells. */
export type LedgerEntry =
  | (StoredOutbox & {
      readonly sequence: number
      readonly atMs: number
      readonly refusal?: StoredRefusal
      /** What was said by it; the digest of a text that was forgotten tells nothing. */
      readonly text?: { readonly id: number; readonly lobbyId: string; readonly digest: string }
    })
  /** It was made room for others. */
  | { readonly forgotten: Forgotten; readonly atMs: number }

export type Forgotten =
  /** All texts of a lobby. */
  | { readonly lobbyId: string }
  /** Outboxes of one member. */
  | { readonly memberId: string; readonly outboxes: readonly string[] }
  /** Outboxes of all that were not used since then. */
  | { readonly unusedSinceMs: number }

/** As many entries are kept; the oldest give way. */
const keptEntries = 20_000
/** How many may be too many before they are looked for. */
const entrySlack = 250
const saltBytes = 16

/** The digest of a text as the ledger's entry holds it, in hexadecimal. */
export function textDigest(
  hash: Hash,
  salt: Uint8Array,
  { id, ...text }: StoredText & { readonly lobbyId: string },
): string {
  const { lobbyId, memberId, name, role, text: said, atMs } = text
  const written = JSON.stringify([id, lobbyId, memberId, name, role, said, atMs])
  return Buffer.from(hash(salt, new TextEncoder().encode(written))).toString('hex')
}

/** Writes entries of the sealed ledger; each call is part of a transaction of its caller's. */
export class LedgerSeal {
  readonly #key: SealKey
  readonly #insert: ReturnType<DatabaseSync['prepare']>
  readonly #last: ReturnType<DatabaseSync['prepare']>
  readonly #removeOld: ReturnType<DatabaseSync['prepare']>

  constructor(database: DatabaseSync, key: SealKey) {
    this.#key = key
    this.#insert = database.prepare('INSERT INTO ledger_entry (number, entry, root, signature) VALUES (?, ?, ?, ?)')
    this.#last = database.prepare('SELECT number, root FROM ledger_entry ORDER BY number DESC LIMIT 1')
    this.#removeOld = database.prepare('DELETE FROM ledger_entry WHERE number <= ?')
  }

  /** Looked up each time: what another transaction has taken back is not built upon. */
  append(entry: LedgerEntry): void {
    const last = this.#last.get()
    const before = last && readRow(rootSchema, last)
    const { number, entry: text, root, signature } = nextLink(before, JSON.stringify(entry), this.#key)
    this.#insert.run(number, text, root, signature)
    if (number % entrySlack === 0) this.#removeOld.run(number - keptEntries)
  }

  /** A salt for one text, and the digest of the text with it. */
  digest(text: StoredText & { readonly lobbyId: string }, salt: Uint8Array): string {
    return textDigest(this.#key.hash, salt, text)
  }

  newSalt(): Uint8Array {
    return randomBytes(saltBytes)
  }
}

/** All that is kept of the ledger, as it was at one moment. */
export interface KeptLedger {
  /** In their order. */
  readonly links: readonly ChainLink[]
  readonly outboxes: readonly (StoredOutbox & {
    readonly through: number
    readonly refused: readonly StoredRefusal[]
  })[]
  /** `salt` is undefined for what was said before entries were sealed. */
  readonly texts: readonly (StoredText & { readonly lobbyId: string; readonly salt: Uint8Array | undefined })[]
}

const rootSchema = { number: ['number', numberColumn], root: ['root', bytesColumn] } as const
const linkSchema: RowSchema<ChainLink> = {
  ...rootSchema,
  entry: ['entry', textColumn],
  signature: ['signature', bytesColumn],
}
const keptOutboxSchema = {
  ...progressSchema,
  memberId: ['member_id', textColumn],
  outbox: ['outbox', textColumn],
} as const
const keptTextSchema = {
  ...textSchema,
  lobbyId: ['lobby_id', textColumn],
  salt: ['salt', optional(bytesColumn)],
} as const

/** Reads the ledger. It checks nothing but that its columns hold what they are for. */
export function readKeptLedger(database: DatabaseSync): KeptLedger {
  const all = (query: string) => database.prepare(query).all()
  return {
    links: all('SELECT number, entry, root, signature FROM ledger_entry ORDER BY number').map((row) =>
      readRow(linkSchema, row),
    ),
    outboxes: all('SELECT member_id, outbox, through, refused FROM outbox').map((row) =>
      readRow(keptOutboxSchema, row),
    ),
    texts: all('SELECT id, lobby_id, member_id, name, role, text, said_ms, salt FROM lobby_text ORDER BY id').map(
      (row) => readRow(keptTextSchema, row),
    ),
  }
}
