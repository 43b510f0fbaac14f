import { createHash } from 'node:crypto'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { ApiError } from './api-error.ts'

export const idempotencyHeader = 'Idempotency-Key'

export interface KeyLimits {
  /** Keys that are remembered at once; the one that was used first is forgotten for one more. */
  readonly keys: number
  /** How long an answer is kept. It may hold a token, so this is not long. */
  readonly lifetimeMs: number
}

export const defaultKeyLimits: KeyLimits = { keys: 1024, lifetimeMs: 10 * 60_000 }

/** An answer that can be given again. */
export interface KeptAnswer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

interface Entry {
  readonly fingerprint: string
  /** Undefined while the first request is under way. */
  kept: { readonly answer: KeptAnswer; readonly expiry: Timer } | undefined
}

/**
 * Lets a client repeat a request of which it does not know whether it was carried out (draft-ietf-httpapi-idempotency-
 * key-header): the same key with the same request is answered by what the first was answered with. A request that was
 * refused created nothing, so that its key is free again.
 */
export class IdempotencyKeys implements Disposable {
  readonly #entries = new Map<string, Entry>()
  readonly #clock: Clock
  readonly #limits: KeyLimits

  constructor(clock: Clock, limits: KeyLimits = defaultKeyLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Keys that are remembered now. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * Carries out `act`, or gives the answer that it had before; `request` is all that makes it the same request. Throws
   * ApiError `invalid-request` for what is no key, `idempotency-key-reused`, `idempotency-key-busy`, `too-many-keys`, and
   * what `act` throws.
   */
  async once(options: {
    memberId: string
    key: string
    request: unknown
    act: () => Promise<KeptAnswer>
  }): Promise<KeptAnswer> {
    const { memberId, key, request, act } = options
    if (!/^[\x21-\x7e]{1,128}$/.test(key)) {
      throw new ApiError('invalid-request', `Cannot use the ${idempotencyHeader}: wanted 1 to 128 visible characters`)
    }
    const id = `${memberId} ${key}`
    const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('base64url')
    const known = this.#entries.get(id)
    if (known) return answerOf(known, fingerprint)
    this.#makeRoom()
    const entry: Entry = { fingerprint, kept: undefined }
    this.#entries.set(id, entry)
    try {
      const answer = await act()
      entry.kept = { answer, expiry: this.#clock.after(this.#limits.lifetimeMs, () => this.#entries.delete(id)) }
      return answer
    } catch (error) {
      this.#entries.delete(id)
      throw error
    }
  }

  #makeRoom(): void {
    if (this.#entries.size < this.#limits.keys) return
    for (const [id, { kept }] of this.#entries) {
      if (!kept) continue
      kept.expiry.cancel()
      this.#entries.delete(id)
      return
    }
    throw new ApiError('too-many-keys', `Cannot take one more ${idempotencyHeader}: too many requests are under way`)
  }

  /** Forgets all. */
  [Symbol.dispose](): void {
    for (const { kept } of this.#entries.values()) kept?.expiry.cancel()
    this.#entries.clear()
  }
}

function answerOf({ fingerprint, kept }: Entry, wanted: string): KeptAnswer {
  if (fingerprint !== wanted) {
    throw new ApiError(
      'idempotency-key-reused',
      `Cannot use the ${idempotencyHeader} again: it came with another request before`,
    )
  }
  if (kept) return kept.answer
  throw new ApiError('idempotency-key-busy', 'Cannot answer yet: the first request with this key is still under way', {
    'Retry-After': '1',
  })
}
