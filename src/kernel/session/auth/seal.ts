import type { Hash } from './history.ts'

/** Whoever keeps something signs it with this, */
export interface SealKey {
  readonly hash: Hash
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

/** and whoever has its public part finds out whether it is as it was. */
export interface SealCheck {
  readonly hash: Hash
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean
}
