import type { Clock } from '../kernel/clock.ts'

/**
 * The time of the day for expiries, in milliseconds since the Unix epoch. When the machine's clock is set back, it goes on
 * at the pace of the monotonic one, so that nothing lives longer by that; when it is set forward, it follows.
 */
export function steadyEpoch(clock: Clock): () => number {
  const originMs = clock.epochMs() - clock.nowMs()
  return () => Math.max(clock.epochMs(), Math.floor(originMs + clock.nowMs()))
}
