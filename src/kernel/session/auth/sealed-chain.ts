import { equalBytes } from './history.ts'
import type { SealCheck, SealKey } from './seal.ts'

/** One entry of a sealed chain: its root stands for all entries up to it. */
export interface ChainLink {
  /** From 1. */
  readonly number: number
  readonly entry: string
  readonly root: Uint8Array
  readonly signature: Uint8Array
}

/** What the links that are left say of a chain. */
export type ChainState =
  | { readonly kind: 'whole'; readonly first: number; readonly last: number }
  /** Nothing was ever written, or nothing is left of it. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'altered'; readonly number: number; readonly why: string }

const purpose = new TextEncoder().encode('porchlight chain 1\n')

/**
 * The link for an entry behind another one, or the first. Each is signed by itself, so that the front of a chain can be forgotten and
 * what is left still be checked: the number and the root say what stood before, and the entry's own hash what it is.
 */
export function nextLink(
  before: Pick<ChainLink, 'number' | 'root'> | undefined,
  entry: string,
  { hash, sign }: SealKey,
): ChainLink {
  const number = (before?.number ?? 0) + 1
  const leaf = hash(new TextEncoder().encode(entry))
  const root = hash(before?.root ?? new Uint8Array(), leaf)
  return { number, entry, root, signature: sign(signedBytes(number, root, leaf)) }
}

/**
 * Looks at the links of a chain, in their order: none can be changed, left out or put in without the key, but for those at the front,
 * which may have been forgotten, and those at the end, of which only somebody who knows the last number can tell.
 */
export function checkChain(links: Iterable<ChainLink>, { hash, verify }: SealCheck): ChainState {
  let first: ChainLink | undefined
  let before: ChainLink | undefined
  const encoder = new TextEncoder()
  for (const link of links) {
    const { number, entry, root, signature } = link
    const altered = (why: string): ChainState => ({ kind: 'altered', number, why })
    if (before && number !== before.number + 1) return altered(`what stood behind entry ${before.number} is gone`)
    const leaf = hash(encoder.encode(entry))
    if (before ? !equalBytes(root, hash(before.root, leaf)) : number === 1 && !equalBytes(root, hash(leaf))) {
      return altered('it is not what was written behind the one before')
    }
    if (!verify(signedBytes(number, root, leaf), signature)) return altered('it is not what was signed by this key')
    first ??= link
    before = link
  }
  return first && before ? { kind: 'whole', first: first.number, last: before.number } : { kind: 'empty' }
}

function signedBytes(number: number, root: Uint8Array, leaf: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(purpose.length + 8 + root.length + leaf.length)
  bytes.set(purpose)
  new DataView(bytes.buffer).setBigUint64(purpose.length, BigInt(number))
  bytes.set(root, purpose.length + 8)
  bytes.set(leaf, purpose.length + 8 + root.length)
  return bytes
}
