import type { ClientPath, LobbyView, ViewerStats } from '../../src/client/index.ts'
import type { ViewerModel } from '../model/viewer-model.ts'
import { describeReason, describeSeen, describeTaken } from '../model/describe-path.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'
import {
  describeFrameRate,
  describeHeard,
  describeMode,
  describeRate,
  describeShare,
  describeTime,
} from './describe-stats.ts'
import { ConnectionPanel } from './connection-panel.tsx'
import { OtherPaths } from './other-paths.tsx'
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
      {model.path.value && <Rows of={pathRows(model.path.value)} />}
      <OtherPaths paths={model.path.value?.paths} />
      {stats && <Rows of={rows(stats, lobby)} />}
    </aside>
  )
}

type Row = readonly [name: string, value: string]

function Rows({ of }: { readonly of: readonly Row[] }) {
  return (
    <dl>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function pathRows(path: ClientPath): Row[] {
  const { host, sinceMs } = path
  return [
    ['Path', describeTaken(path)],
    ['Because', describeReason(path)],
    ...(host ? [['Seen by the host at', describeSeen(host.remote)] as const] : []),
    ['Since', describeMoment(new Date(sinceMs).toISOString(), Date.now())],
  ]
}

function rows(stats: ViewerStats, lobby: LobbyView | undefined): Row[] {
  const { host, width, height, codec, freezes, frozenMs, framesDropped } = stats
  const rendition = host?.rendition
  return [
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
    ...(host?.parityPercent === undefined ? [] : [['Parity', `${host.parityPercent} %`] as const]),
    ...(host?.mode === undefined ? [] : [['Mode', describeMode(host.mode)] as const]),
  ]
}
