import type { Clock } from '../kernel/clock.ts'
import type { LifecycleEvent } from './lifecycle-event.ts'
import type { PulledMetric } from './metrics.ts'
import { PathStopwatch } from './path-stopwatch.ts'

/** Counts for how long sessions were reached by which path, those that go on among them. */
export class PathTimes {
  readonly metric: PulledMetric = {
    name: 'porchlight_path_seconds_total',
    help: 'How long sessions were reached by a path, all sessions together',
    kind: 'counter',
    labels: ['path'],
    read: () => [...this.#read()].map(([path, durationMs]) => ({ labels: { path }, value: durationMs / 1000 })),
  }
  readonly #clock: Clock
  readonly #going = new Map<string, PathStopwatch>()
  readonly #endedMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  handle(event: LifecycleEvent): void {
    if (event.type === 'SessionObserved' && event.observation.kind === 'path') {
      const stopwatch = this.#going.get(event.sessionId) ?? new PathStopwatch(this.#clock)
      this.#going.set(event.sessionId, stopwatch)
      stopwatch.take(event.observation.path)
    }
    if (event.type === 'StopStream') {
      add(this.#endedMs, this.#going.get(event.sessionId)?.read() ?? new Map())
      this.#going.delete(event.sessionId)
    }
  }

  #read(): ReadonlyMap<string, number> {
    const sum = new Map(this.#endedMs)
    for (const stopwatch of this.#going.values()) add(sum, stopwatch.read())
    return sum
  }
}

function add(sum: Map<string, number>, durationsMs: ReadonlyMap<string, number>): void {
  for (const [path, durationMs] of durationsMs) sum.set(path, (sum.get(path) ?? 0) + durationMs)
}
