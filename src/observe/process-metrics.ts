import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { PulledMetric } from './metrics.ts'

/** How often the event loop is timed. Each time wakes the process, which is most of what an idle one costs. */
const delayResolutionMs = 20
const nsPerSecond = 1e9
const usPerSecond = 1e6

/** What this process costs: processor, memory, and how long its event loop keeps others waiting. */
export function watchProcess(): { readonly metrics: readonly PulledMetric[]; close: () => void } {
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs })
  delay.enable()
  /** Delays of the time since the last scrape; an idle histogram has no numbers. */
  const readDelay = () => {
    const delaysNs = delay.count === 0 ? [] : [delay.percentile(50), delay.percentile(99), delay.max]
    delay.reset()
    return ['0.5', '0.99', '1'].map((quantile, index) => ({
      labels: { quantile },
      value: latenessSeconds(delaysNs[index] ?? 0),
    }))
  }
  return {
    metrics: [
      {
        name: 'porchlight_event_loop_delay_seconds',
        help: 'How late the event loop ran since the last scrape',
        kind: 'gauge',
        labels: ['quantile'],
        read: readDelay,
      },
      {
        name: 'process_cpu_seconds_total',
        help: 'Processor time of this process, user and system',
        kind: 'counter',
        read: () => (process.cpuUsage().user + process.cpuUsage().system) / usPerSecond,
      },
      {
        name: 'process_resident_memory_bytes',
        help: 'Memory of this process that is resident',
        kind: 'gauge',
        read: () => process.memoryUsage.rss(),
      },
      {
        name: 'nodejs_heap_used_bytes',
        help: 'Memory that JavaScript objects take',
        kind: 'gauge',
        read: () => process.memoryUsage().heapUsed,
      },
      {
        name: 'process_uptime_seconds',
        help: 'How long this process has run',
        kind: 'gauge',
        read: () => process.uptime(),
      },
    ],
    close: () => void delay.disable(),
  }
}

/** The histogram holds the whole interval between two ticks; what exceeds its resolution is lateness. */
function latenessSeconds(intervalNs: number): number {
  return Math.max(0, intervalNs / nsPerSecond - delayResolutionMs / 1000)
}
