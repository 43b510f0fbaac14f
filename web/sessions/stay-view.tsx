import type { SessionStay } from '../../src/client/index.ts'
import { describeRate } from '../viewer/describe-stats.ts'
import { describeDuration } from '../ui/describe-duration.ts'
import { describeCause } from './describe-cause.ts'
import { StayEvents } from './stay-events.tsx'
import { StayPicture } from './stay-picture.tsx'
import { lanesOf } from './timeline-lanes.ts'

/** One stay: in figures, as a picture, and in words. */
export function StayView({ stay }: { stay: SessionStay }) {
  const { startedAt, endedAt, cause, handshake, adaptations, freezes, frozenMs } = stay
  const lanes = lanesOf(stay, Date.now())
  const rates = lanes.bitrates.map(({ bps }) => bps)
  const end = describeCause(cause)
  const facts: readonly (readonly [string, string])[] = [
    ['Began', new Date(startedAt).toLocaleString()],
    [endedAt === null ? 'Here for' : 'Stayed', describeDuration(lanes.lengthMs)],
    [
      'Handshake',
      handshake === null ? 'none' : handshake.ok ? describeDuration(handshake.tookMs) : (handshake.reason ?? 'failed'),
    ],
    [
      'Bitrate',
      rates.length === 0
        ? 'not adapted'
        : `${describeRate(Math.min(...rates))} to ${describeRate(Math.max(...rates))}, ${adaptations === 1 ? 'one change' : `${adaptations} changes`}`,
    ],
    ['Freezes', freezes === 0 ? 'none' : `${freezes}, together ${describeDuration(frozenMs)}`],
  ]
  return (
    <section class="stay" aria-label={`Stay of ${new Date(startedAt).toLocaleString()}`}>
      <div class="stay-head">
        <dl class="stay-facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          <div>
            <dt>{endedAt === null ? 'Now' : 'End'}</dt>
            <dd>
              <span class={`dot ${endedAt === null ? 'green' : end.dot}`} /> {end.text}
            </dd>
          </div>
        </dl>
      </div>
      <StayPicture lanes={lanes} />
      <StayEvents stay={stay} />
    </section>
  )
}
