import type { Clock } from '../kernel/clock.ts'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Log } from '../kernel/log.ts'
import { eventMetrics } from './event-metrics.ts'
import type { Metrics, PulledMetric } from './metrics.ts'
import { PathTimes } from './path-times.ts'
import { watchProcess } from './process-metrics.ts'

/** Opens a registry of its own, with the process's numbers and the counts of domain events in it. */
export function openMetrics(options: { readonly log: Log; readonly clock: Clock }): Metrics {
  const registry = new Registry()
  const pull = (metric: PulledMetric) => register(registry, metric, options.log)
  const process = watchProcess()
  const count = eventMetrics(registry)
  const paths = new PathTimes(options.clock)
  pull(paths.metric)
  for (const metric of process.metrics) pull(metric)
  return {
    handle(event) {
      count(event)
      paths.handle(event)
    },
    pull,
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: process.close,
    [Symbol.dispose]: process.close,
  }
}

function register(registry: Registry, metric: PulledMetric, log: Log): void {
  const { name, help, labels = [] } = metric
  const configuration = { name, help, labelNames: labels }
  const read = () => {
    try {
      const found = metric.read()
      return typeof found === 'number' ? [{ labels: {}, value: found }] : [...found]
    } catch (error) {
      log.error('A metric could not be read', { metric: name, error })
      return []
    }
  }
  if (metric.kind === 'gauge') {
    const gauge: Gauge = new Gauge({
      ...configuration,
      registers: [],
      collect() {
        gauge.reset()
        for (const sample of read()) gauge.set(sample.labels, sample.value)
      },
    })
    registry.registerMetric(gauge)
  } else {
    const counter: Counter = new Counter({
      ...configuration,
      registers: [],
      collect() {
        counter.reset()
        for (const sample of read()) counter.inc(sample.labels, sample.value)
      },
    })
    registry.registerMetric(counter)
  }
}
