import type { RenditionInfo } from '../media/contract/producer.ts'
import type { ServerMessage } from '../wire/signal/messages.ts'
import type { ViewerStatistics } from './contract/viewer-events.ts'
import type { SessionPath } from './session-path.ts'

/** What a client is told once a second, whatever its wire. */
export function statsMessage(
  statistics: ViewerStatistics,
  rendition: RenditionInfo | undefined,
  { now }: Pick<SessionPath, 'now'>,
): ServerMessage {
  const { targetBps, sentBps, roundTripMs, lossRatio, restMs, parityPercent, mode, overview } = statistics
  return {
    type: 'stats',
    targetBps: Math.round(targetBps),
    sentBps: Math.round(sentBps),
    roundTripMs,
    lossRatio,
    restMs: Math.round(restMs),
    ...(parityPercent !== undefined && { parityPercent }),
    mode,
    ...(rendition && { rendition }),
    ...(now && { path: { ...pathOf(now), ...overview } }),
  }
}

function pathOf({ path: kind, reason, why, remote }: NonNullable<SessionPath['now']>) {
  return { kind, reason, remote, ...(why !== undefined && { why }) }
}
