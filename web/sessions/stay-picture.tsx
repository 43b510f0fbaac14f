import type { ComponentChildren } from 'preact'
import { describeRate } from '../viewer/describe-stats.ts'
import { describeDuration } from '../ui/describe-duration.ts'
import { describeRenditionCause } from './describe-entry.ts'
import { BitrateLine } from './bitrate-line.tsx'
import { describePath } from '../model/describe-path.ts'
import type { Span, TimelineLanes } from './timeline-lanes.ts'

/** What went on at the same time, one lane below the other. Everything in it is said in words as well. */
export function StayPicture({ lanes }: { lanes: TimelineLanes }) {
  const { lengthMs, handshakes, paths, lobbies, bitrates, renditions, parities, silences, freezes, faults } = lanes
  const most = Math.max(0, ...bitrates.map(({ bps }) => bps))
  const mostParity = Math.max(0, ...parities.map((span) => span.percent))
  return (
    <div class="stay-picture" aria-hidden="true">
      <Lane name="Handshake">
        {handshakes.map((span) => (
          <Bar key={span.fromMs} span={span} lengthMs={lengthMs} kind={span.ok ? 'handshake' : 'fault'} />
        ))}
        {faults.map((span) => (
          <Bar key={`fault ${span.fromMs}`} span={span} lengthMs={lengthMs} kind="fault" />
        ))}
      </Lane>
      <Lane name="Path">
        {paths.map((span) => (
          <Bar
            key={span.fromMs}
            span={{ ...span, label: [describePath(span.label), span.gateway].filter(Boolean).join(', ') }}
            lengthMs={lengthMs}
            kind="path"
            path={span.label}
          />
        ))}
      </Lane>
      <Lane name="Lobby">
        {lobbies.map((span) => (
          <Bar key={span.fromMs} span={span} lengthMs={lengthMs} kind="lobby" />
        ))}
      </Lane>
      <Lane name="Bitrate" note={most > 0 ? describeRate(most) : ''} tall>
        <BitrateLine bitrates={bitrates} lengthMs={lengthMs} />
      </Lane>
      <Lane name="Picture">
        {renditions.map((span) => (
          <Bar
            key={span.fromMs}
            span={span}
            lengthMs={lengthMs}
            kind="rendition"
            why={describeRenditionCause(span.why)}
          />
        ))}
      </Lane>
      {parities.length > 0 && (
        <Lane name="Parity" note={`${mostParity} %`}>
          {parities.map((span) => (
            <Bar key={span.fromMs} span={span} lengthMs={lengthMs} kind="parity" />
          ))}
        </Lane>
      )}
      {silences.length > 0 && (
        <Lane name="Sound alone">
          {silences.map((span) => (
            <Bar key={span.fromMs} span={span} lengthMs={lengthMs} kind="silence" />
          ))}
        </Lane>
      )}
      <Lane name="Freezes">
        {freezes.map((span) => (
          <Bar key={span.fromMs} span={span} lengthMs={lengthMs} kind="freeze" />
        ))}
      </Lane>
      <div class="lane-axis">
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <span key={share}>{describeDuration(lengthMs * share)}</span>
        ))}
      </div>
    </div>
  )
}

function Lane({
  name,
  note = '',
  tall = false,
  children,
}: {
  name: string
  note?: string
  tall?: boolean
  children: ComponentChildren
}) {
  return (
    <div class={`lane ${tall ? 'tall' : ''}`}>
      <span class="lane-name">
        {name}
        {note !== '' && <small>{note}</small>}
      </span>
      <div class="lane-track">{children}</div>
    </div>
  )
}

interface BarProps {
  readonly span: Span
  readonly lengthMs: number
  readonly kind: string
  readonly path?: string
  readonly why?: string
}

function Bar({ span, lengthMs, kind, path, why = '' }: BarProps) {
  const { fromMs, toMs, label } = span
  const text = [label, why, describeDuration(toMs - fromMs)].filter((part) => part !== '').join(', ')
  return (
    <span
      class={`lane-bar ${kind}`}
      data-path={path}
      title={text}
      style={{ left: percent(fromMs / lengthMs), width: percent((toMs - fromMs) / lengthMs) }}
    >
      {label}
    </span>
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`
}
