import type { Clock } from '../../kernel/clock.ts'

export interface LivenessOptions {
  /** Asks for a sign of life: resolves when there is one, rejects when nothing more can be asked. */
  readonly probe: () => Promise<unknown>
  readonly clock: Clock
  /** Called once, when a probe is not answered in time. */
  readonly onHang: () => void
}

const tickMs = 500
/** From one answer to the next question. */
const periodTicks = 4
/** How long an answer may take: 5 seconds. */
const patienceTicks = 10

/** Watches something that may hang. Returns what ends the watch. */
export function watchLiveness({ probe, clock, onHang }: LivenessOptions): () => void {
  let waiting = false
  // Time is counted in ticks of our own: if it is this process that stood still, only one of them has passed.
  let ticks = 0
  const timer = clock.every(tickMs, () => {
    ticks++
    if (waiting && ticks >= patienceTicks) {
      timer.cancel()
      onHang()
    } else if (!waiting && ticks >= periodTicks) {
      waiting = true
      ticks = 0
      probe().then(
        () => {
          waiting = false
          ticks = 0
        },
        // Its end is seen by whoever watches over it; here nothing can be asked any more.
        () => timer.cancel(),
      )
    }
  })
  return () => timer.cancel()
}
