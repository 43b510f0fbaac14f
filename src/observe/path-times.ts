import type { Clock } from '../kernel/clock.ts'
import type { LifecycleEvent } from './lifecycle-event.ts'
import type { PulledMetric } from './metrics.ts'
import { PathStopwatch } from './path-stopwatch.ts'

/** Counts for how long sessions were reached by which path, those that go on among them. */
export class PathTimes {
  readonly metric: PulledMetric = {
    name: 'porchlight_path_seconds_total',
    help: 'How long sessions were reached by a path, all sessions of a gateway together',
    kind: 'counter',
    labels: ['path', 'gateway'],
    read: () => this.#read(),
  }
  readonly #clock: Clock
  readonly #going = new Map<string, { readonly gateway: string; readonly stopwatch: PathStopwatch }>()
  /** Of sessions that have ended, by gateway and path. */
  readonly #endedMs = new Map<string, Map<string, number>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  handle(event: LifecycleEvent): void {
    if (event.type === 'SessionObserved' && event.observation.kind === 'path') {
      const { gateway, path } = event.observation
      const going = this.#going.get(event.sessionId) ?? { gateway, stopwatch: new PathStopwatch(this.#clock) }
      this.#going.set(event.sessionId, going)
      going.stopwatch.take(path)
    }
    if (event.type === 'StopStream') {
      const going = this.#going.get(event.sessionId)
      if (going) add(this.#endedMs, going.gateway, going.stopwatch.read())
      this.#going.delete(event.sessionId)
    }
  }

  *#read() {
    const sum = new Map([...this.#endedMs].map(([gateway, durationsMs]) => [gateway, new Map(durationsMs)]))
    for (const { gateway, stopwatch } of this.#going.values()) add(sum, gateway, stopwatch.read())
    for (const [gateway, durationsMs] of sum) {
      for (const [path, durationMs] of durationsMs) yield { labels: { path, gateway }, value: durationMs / 1000 }
    }
  }
}

function add(sum: Map<string, Map<string, number>>, gateway: string, durationsMs: ReadonlyMap<string, number>): void {
  const ofGateway = sum.get(gateway) ?? new Map<string, number>()
  sum.set(gateway, ofGateway)
  for (const [path, durationMs] of durationsMs) ofGateway.set(path, (ofGateway.get(path) ?? 0) + durationMs)
}
