import { backoffDelayMs, type BackoffPolicy } from '../../kernel/backoff.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { ApiError } from './api-error.ts'

const policy: BackoffPolicy = { baseDelayMs: 500, maxDelayMs: 4000, jitterFactor: 0.3, healthyAfterMs: 0 }
const maxRetries = 3

/** Carries out a request that may be repeated, again when it was not answered or not yet. Rejects with the last ApiError. */
export async function retried<T>(attempt: () => Promise<T>, clock: Clock, random: () => number): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (failures === maxRetries || !maySucceedLater(error)) throw error
      await sleep(clock, backoffDelayMs(failures, policy, random()))
    }
  }
}

function maySucceedLater(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  return ['unreachable', 'idempotency-key-busy'].includes(error.code) || [502, 503, 504].includes(error.status)
}
