import type { Clock, Timer } from '../../kernel/clock.ts'
import { FreezeCount } from './freeze-count.ts'
import { deriveStats, type HostStats, type StatsSample, type ViewerStats } from './viewer-stats.ts'

/** Measures a connection until the timer is cancelled. */
export function sampleStats(options: {
  readonly clock: Clock
  readonly periodMs: number
  readonly sample: () => Promise<StatsSample>
  readonly beside: () => { host: HostStats | undefined; signallingRoundTripMs: number | undefined }
  readonly onStats: (stats: ViewerStats) => void
}): Timer {
  let previous: StatsSample | undefined
  const freezes = new FreezeCount()
  let cancelled = false
  const measure = async () => {
    const sample = await options.sample()
    if (cancelled) return
    const beside = options.beside()
    options.onStats(deriveStats(previous, sample, { ...beside, frozen: freezes.look(sample, beside.host) }))
    previous = sample
  }
  // A closed connection has no statistics; the next one is measured anew.
  const timer = options.clock.every(options.periodMs, () => void measure().catch(() => {}))
  return {
    cancel() {
      cancelled = true
      timer.cancel()
    },
  }
}
