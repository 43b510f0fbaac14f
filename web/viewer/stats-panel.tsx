import type { ClientPath, LobbyView, ViewerStats } from '../../src/client/index.ts'
import type { ViewerModel } from '../model/viewer-model.ts'
import { describeReason, describeSeen, describeWay } from '../model/describe-path.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'
import { describeFrameRate, describeHeard, describeRate, describeShare, describeTime } from './describe-stats.ts'
import { ConnectionPanel } from './connection-panel.tsx'
import { Sparkline } from './sparkline.tsx'

interface StatsPanelProps {
  readonly model: ViewerModel
  readonly lobby: LobbyView | undefined
  readonly onClose: () => void
}

/** Everything that was measured, here and on the host. */
export function StatsPanel({ model, lobby, onClose }: StatsPanelProps) {
  const stats = model.stats.value
  const history = model.history.value
  return (
    <aside class="stats" aria-label="Statistics">
      <div class="stats-head">
        <h2>Statistics</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <Sparkline
        label="Frame rate"
        text={stats ? describeFrameRate(stats) : '–'}
        values={history.map(({ framesPerSecond }) => framesPerSecond ?? 0)}
        atLeast={60}
      />
      <Sparkline
        label="Video"
        text={describeRate(stats?.videoBps)}
        values={history.map(({ videoBps }) => videoBps ?? 0)}
        atLeast={1e6}
      />
      <ConnectionPanel model={model} />
      <dl>
        {stats &&
          rows(stats, model.path.value, lobby).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </aside>
  )
}

function rows(
  stats: ViewerStats,
  path: ClientPath | undefined,
  lobby: LobbyView | undefined,
): (readonly [name: string, value: string])[] {
  const { host, width, height, codec, freezes, frozenMs, framesDropped } = stats
  const rendition = host?.rendition
  return [
    ['Path', path ? describeWay(path) : '–'],
    ...(path
      ? [
          ['Because', describeReason(path)] as const,
          ...(path.host ? [['Seen by the host at', describeSeen(path.host.remote)] as const] : []),
          ['Since', describeMoment(new Date(path.sinceMs).toISOString(), Date.now())] as const,
        ]
      : []),
    ['Round trip', describeTime(stats.roundTripMs)],
    ['Jitter buffer', describeTime(stats.jitterBufferMs)],
    ['Decoding', describeTime(stats.decodeMs)],
    ['Picture', width === undefined || height === undefined ? '–' : `${width}×${height}`],
    ['Codec', [codec, rendition?.encoder].filter((part) => part !== undefined).join(', ') || '–'],
    ['Sound', describeHeard(stats.audioBps, lobby)],
    ['Lost packets', describeShare(stats.lossRatio)],
    ['Dropped frames', String(framesDropped)],
    ['Freezes', freezes === 0 ? 'none' : `${freezes}, ${describeTime(frozenMs)}`],
    ...(host
      ? ([
          ['Host sends', describeRate(host.sentBps)],
          ['Host may send', describeRate(host.targetBps)],
        ] as const)
      : []),
  ]
}
