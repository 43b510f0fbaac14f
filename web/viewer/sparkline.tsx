interface SparklineProps {
  readonly label: string
  /** The newest value, in words. */
  readonly text: string
  /** Oldest first. */
  readonly values: readonly number[]
  /** The scale reaches at least this far. */
  readonly atLeast: number
}

const width = 60
const height = 18

/** The last minute as a line. */
export function Sparkline({ label, text, values, atLeast }: SparklineProps) {
  const top = Math.max(atLeast, ...values) * 1.05
  const x = (index: number) => width - values.length + index + 1
  const points = values.map((value, index) => `${x(index)} ${(height - (value / top) * height).toFixed(2)}`)
  return (
    <figure class="sparkline">
      <figcaption>
        {label}
        <strong>{text}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {points.length > 1 && (
          <>
            <path class="sparkline-area" d={`M${x(0)} ${height}L${points.join('L')}L${width} ${height}Z`} />
            <path class="sparkline-line" d={`M${points.join('L')}`} vector-effect="non-scaling-stroke" />
          </>
        )}
      </svg>
    </figure>
  )
}
