import { systemClock, type Clock } from '../../kernel/clock.ts'

/** Microseconds of the machine's monotonic clock (`process.hrtime`): the same in every process of this machine. */
export function monotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000_000 + Math.floor(nanoseconds / 1000)
}

/**
 * The clock of the machine with the times of {@link monotonicUs}, for whoever has to do with the times of pictures: the system's own counts
 * from when the process was started, and times of two origins must not meet.
 */
export const monotonicClock: Clock = { ...systemClock, nowMs: () => monotonicUs() / 1000 }
