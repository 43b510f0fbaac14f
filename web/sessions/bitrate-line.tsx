import type { TimelineLanes } from './timeline-lanes.ts'

const height = 100
/** Room for the stroke at the top. */
const headroom = 1.08

/** The bitrate that was aimed at, as steps over the time of the stay. */
export function BitrateLine({ bitrates, lengthMs }: Pick<TimelineLanes, 'bitrates' | 'lengthMs'>) {
  const [first] = bitrates
  if (!first) return null
  const most = Math.max(1, ...bitrates.map(({ bps }) => bps)) * headroom
  const x = (ms: number) => ((ms / lengthMs) * 1000).toFixed(2)
  const y = (bps: number) => (height - (bps / most) * height).toFixed(2)
  const steps = bitrates.map(({ atMs, bps }) => `H${x(atMs)}V${y(bps)}`).join('')
  const line = `M0 ${y(first.bps)}${steps}H1000`
  return (
    <svg class="bitrate-line" viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none">
      <path class="bitrate-area" d={`${line}V${height}H0Z`} />
      <path class="bitrate-stroke" d={line} />
    </svg>
  )
}
