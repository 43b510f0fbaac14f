import type { End } from '../../kernel/ending.ts'

/** Bytes in order and both ways, each way with its own end: whatever carries them. */
export interface ByteStream {
  /** What comes, in order. Ends where the other end finished; throws StreamError. Whoever leaves the loop wants no more of it. */
  readonly incoming: AsyncIterable<Uint8Array>
  /** It waits for everything else that goes the same way, pictures included: for what is large and in no hurry. */
  isBulk: boolean
  /** What was written and is not known to have come, in bytes. */
  readonly buffered: number
  /** Resolves once all of `bytes` is taken, which waits while the other end does not read. Rejects with StreamError. */
  write(bytes: Uint8Array): Promise<void>
  /** Nothing more is written. Resolves once all of it has come; rejects with StreamError. */
  finish(): Promise<void>
  /** Gives it up, both ways, and tells the other end this code. Idempotent. */
  reset(code: number): void
  /** Resolves when both ways are over, and tells an error that there was. */
  readonly closed: Promise<End>
}
