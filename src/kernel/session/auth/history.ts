import { CodedError } from '../../coded-error.ts'

/** A collision-resistant hash of the concatenation of `parts`. The kernel imports none; `src/net/identity` has one. */
export type Hash = (...parts: readonly Uint8Array[]) => Uint8Array

export class HistoryError extends CodedError<'not-in-history' | 'history-not-kept' | 'history-full'> {}

/** Shows that a message is in a history of `length` messages with a given root, in O(log length) hashes. */
export interface InclusionProof {
  readonly index: number
  readonly length: number
  /** From the message's neighbour up to below the peak. */
  readonly siblings: readonly Uint8Array[]
  /** The other peaks, highest first, without the one that the message is under. */
  readonly peaks: readonly Uint8Array[]
}

/**
 * The messages of one edge as a Merkle mountain range: appending costs a constant number of hashes on average, and the
 * root stands for all messages so far in their order. With `keep` it stores every node (about 64 bytes a message for a
 * 32-byte hash), so that it can prove; without, only the peaks.
 */
export class History {
  readonly #hash: Hash
  readonly #keep: number
  /** Level h holds the roots of the perfect subtrees of 2^h messages; without `keep` only the last one if it is a peak. */
  readonly #levels: Uint8Array[][] = []
  #length = 0

  /** `keep` is the most messages that it can prove; more are refused. 0 keeps none and has no bound. */
  constructor(hash: Hash, keep = 0) {
    this.#hash = hash
    this.#keep = keep
  }

  get length(): number {
    return this.#length
  }

  /** Whether it proves as many messages as it may keep, and takes no more. */
  get isFull(): boolean {
    return this.#keep > 0 && this.#length >= this.#keep
  }

  append(message: Uint8Array): void {
    if (this.isFull) {
      throw new HistoryError('history-full', `Cannot append: this history proves ${this.#keep} messages at most`)
    }
    let node = leafOf(this.#hash, message)
    for (let level = 0; ; level++) {
      const nodes = (this.#levels[level] ??= [])
      const isRight = ((this.#length >>> level) & 1) === 1
      const left = nodes.at(-1)
      if (this.#keep > 0) nodes.push(node)
      if (!isRight || !left) {
        if (this.#keep === 0) nodes[0] = node
        break
      }
      if (this.#keep === 0) nodes.length = 0
      node = this.#hash(nodeTag, left, node)
    }
    this.#length++
  }

  /** Stands for the whole history; two histories have the same root only if they are the same. */
  root(): Uint8Array {
    return rootOf(this.#hash, this.#length, this.#peaks())
  }

  /** Proves that message number `index` is in it as it is now. */
  prove(index: number): InclusionProof {
    if (this.#keep === 0)
      throw new HistoryError('history-not-kept', 'Cannot prove anything: this history keeps only its peaks')
    if (!Number.isInteger(index) || index < 0 || index >= this.#length) {
      throw new HistoryError(
        'not-in-history',
        `Cannot prove message ${index}: the history has 0 to ${this.#length - 1}`,
      )
    }
    const height = peakHeight(index, this.#length)
    const siblings = Array.from(
      { length: height },
      (_, level) => this.#levels[level]?.[(index >>> level) ^ 1] as Uint8Array,
    )
    const position = peakPosition(index, this.#length)
    return { index, length: this.#length, siblings, peaks: this.#peaks().toSpliced(position, 1) }
  }

  /** Roots of the perfect subtrees that the length is made of, highest first. */
  #peaks(): Uint8Array[] {
    const peaks: Uint8Array[] = []
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      if (((this.#length >>> level) & 1) === 0) continue
      const nodes = this.#levels[level] as Uint8Array[]
      peaks.push((this.#keep > 0 ? nodes[(this.#length >>> level) - 1] : nodes[0]) as Uint8Array)
    }
    return peaks
  }
}

/** Whether `proof` shows that `message` is in the history with that root. Any bytes may be given; it never throws. */
export function verifyInclusion(hash: Hash, root: Uint8Array, message: Uint8Array, proof: InclusionProof): boolean {
  const { index, length, siblings, peaks } = proof
  if (!Number.isSafeInteger(length) || length > 2 ** 31 - 1 || !Number.isInteger(index) || index < 0 || index >= length)
    return false
  if (siblings.length !== peakHeight(index, length) || peaks.length !== bitCount(length) - 1) return false
  const node = siblings.reduce(
    (below, sibling, level) =>
      ((index >>> level) & 1) === 1 ? hash(nodeTag, sibling, below) : hash(nodeTag, below, sibling),
    leafOf(hash, message),
  )
  return equalBytes(rootOf(hash, length, peaks.toSpliced(peakPosition(index, length), 0, node)), root)
}

// Tags keep a leaf, an inner node and a root from being taken for one another (RFC 6962, section 2.1).
const leafTag = Uint8Array.of(0)
const nodeTag = Uint8Array.of(1)
const rootTag = 2

function leafOf(hash: Hash, message: Uint8Array): Uint8Array {
  return hash(leafTag, message)
}

function rootOf(hash: Hash, length: number, peaks: readonly Uint8Array[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(5))
  head.setUint8(0, rootTag)
  head.setUint32(1, length)
  return hash(new Uint8Array(head.buffer), ...peaks)
}

/** Height of the peak that message `index` of `length` is under. */
function peakHeight(index: number, length: number): number {
  // The highest bit in which they differ is set in the length: it is the subtree in which the index falls.
  return 31 - Math.clz32(index ^ length)
}

/** How many peaks are left of the one that message `index` is under. */
function peakPosition(index: number, length: number): number {
  return bitCount(length >>> (peakHeight(index, length) + 1))
}

function bitCount(value: number): number {
  let count = 0
  for (let rest = value; rest > 0; rest &= rest - 1) count++
  return count
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
