import type { Clock, Timer } from '../../kernel/clock.ts'
import { readSample, receivedAmount } from '../stats/read-sample.ts'
import type { StatsSample } from '../stats/viewer-stats.ts'

export interface PeerWatchOptions {
  readonly connection: Pick<RTCPeerConnection, 'getStats'>
  readonly clock: Clock
  /** The first picture has been decoded. */
  readonly onShows: (sample: StatsSample) => void
  /** Nothing has come for a while, not even the host's reports, of which there are more than two a second. */
  readonly onSilent: (silentMs: number) => void
}

const firstPictureMs = 30
const watchMs = 250
const silenceLimitMs = 1000
/** Looks that are further apart say nothing of what was between them: the machine slept. */
const longestMs = 3000

/** Looks at a peer connection that stands: whether a picture is there yet, and whether anything comes at all. */
export function watchPeer({ connection, clock, onShows, onSilent }: PeerWatchOptions): Timer {
  let timer: Timer | undefined
  let cancelled = false
  let shows = false
  let amount = -1
  let grewMs = clock.nowMs()
  let lookedMs = clock.nowMs()

  const look = async () => {
    const report = await connection.getStats()
    if (cancelled) return
    const nowMs = clock.nowMs()
    const now = receivedAmount(report)
    if (now !== amount || nowMs - lookedMs > longestMs) grewMs = nowMs
    amount = now
    lookedMs = nowMs
    if (!shows) {
      const sample = readSample(report)
      shows = sample.framesDecoded > 0
      if (shows) onShows(sample)
    }
    if (!cancelled && nowMs - grewMs >= silenceLimitMs) onSilent(nowMs - grewMs)
    next()
  }
  const next = () => {
    // A connection that is closed has no statistics, and needs nobody who looks.
    if (!cancelled) timer = clock.after(shows ? watchMs : firstPictureMs, () => void look().catch(() => {}))
  }
  next()
  return {
    cancel() {
      cancelled = true
      timer?.cancel()
    },
  }
}
