import type { PartyPeerView } from '../../src/client/party.ts'
import { describeLatencies } from './describe-peer.ts'

const width = 120
const height = 28
/** A path is called slow from here on: the graph is never steeper than that. */
const leastScaleMs = 50

/** How long answers of a member took, the newest at the right; gaps are where none came back. */
export function LatencyLine({ latencies, name }: Pick<PartyPeerView, 'latencies' | 'name'>) {
  const text = describeLatencies(latencies)
  if (text === undefined) return null
  const most = Math.max(leastScaleMs, ...latencies.map(({ latencyMs }) => latencyMs ?? 0)) * 1.1
  const x = (index: number) => ((index / (latencies.length - 1)) * width).toFixed(1)
  const y = (ms: number) => (height - 1 - (ms / most) * (height - 2)).toFixed(1)
  const path = latencies
    .map(({ latencyMs }, index) => {
      if (latencyMs === null) return ''
      const begins = index === 0 || latencies[index - 1]?.latencyMs === null
      return `${begins ? 'M' : 'L'}${x(index)} ${y(latencyMs)}`
    })
    .join('')
  const gaps = latencies
    .map(({ latencyMs }, index) => (latencyMs === null ? `M${x(index)} ${height - 5}v4` : ''))
    .join('')
  return (
    <figure class="latency">
      <svg
        class="latency-line"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Latency of ${name}: ${text}`}
      >
        <path class="latency-floor" d={`M0 ${height - 0.5}h${width}`} />
        <path d={path} />
        <path class="latency-gap" d={gaps} />
      </svg>
      <figcaption aria-hidden="true">{text}</figcaption>
    </figure>
  )
}
