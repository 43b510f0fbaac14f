import type { PartyPeerView } from '../../src/client/party.ts'

const width = 120
const height = 28
/** A path is called slow from here on: the graph is never steeper than that. */
const leastScaleMs = 50

/** How long answers of a member took, the newest at the right; gaps are where none came back. */
export function LatencyLine({ latencies, name }: Pick<PartyPeerView, 'latencies' | 'name'>) {
  const known = latencies.flatMap(({ latencyMs }) => latencyMs ?? [])
  if (known.length < 2) return null
  const most = Math.max(leastScaleMs, ...known) * 1.1
  const x = (index: number) => ((index / (latencies.length - 1)) * width).toFixed(1)
  const y = (ms: number) => (height - 1 - (ms / most) * (height - 2)).toFixed(1)
  const path = latencies
    .map(({ latencyMs }, index) => {
      if (latencyMs === null) return ''
      const begins = index === 0 || latencies[index - 1]?.latencyMs === null
      return `${begins ? 'M' : 'L'}${x(index)} ${y(latencyMs)}`
    })
    .join('')
  const [low, high] = [Math.min(...known), Math.max(...known)].map((ms) => Math.round(ms))
  return (
    <svg
      class="latency-line"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Latency of ${name}: between ${low} and ${high} ms lately`}
    >
      <path d={path} />
    </svg>
  )
}
