import type { Clock, Timer } from '../../kernel/clock.ts'
import { readSample } from '../stats/read-sample.ts'
import type { StatsSample } from '../stats/viewer-stats.ts'

export interface FirstPictureOptions {
  readonly connection: Pick<RTCPeerConnection, 'getStats'>
  readonly clock: Clock
  readonly onShows: (sample: StatsSample) => void
}

const lookMs = 30

/** Looks at a peer connection that stands until its first picture has been decoded. */
export function awaitFirstPicture({ connection, clock, onShows }: FirstPictureOptions): Timer {
  let timer: Timer | undefined
  let cancelled = false
  const look = async () => {
    const sample = readSample(await connection.getStats())
    if (cancelled) return
    if (sample.framesDecoded > 0) onShows(sample)
    else next()
  }
  const next = () => {
    timer = clock.after(lookMs, () => void look().catch(() => {}))
  }
  next()
  return {
    cancel() {
      cancelled = true
      timer?.cancel()
    },
  }
}
