import type { Clock, Timer } from '../../kernel/clock.ts'

/** Whether anything comes: as ever, later than usual, or not at all. */
export type Flow = 'flowing' | 'doubtful' | 'silent'

export interface FlowOptions {
  readonly clock: Clock
  /** A number that is another one whenever something has come. */
  readonly amount: () => number | Promise<number>
  /** A sender says something at least every so often. */
  readonly silentMs: number
  /** It has changed; it begins with `flowing`. */
  readonly onFlow: (flow: Flow) => void
}

const lookMs = 100
/** What comes many times a second has stopped when nothing has come for so long. */
const doubtMs = 400
/** Looks that are further apart say nothing of what was between them: the machine slept. */
const longestMs = 3000
/** Of the longest pause between two arrivals, from one arrival to the next: what was usual once is not for ever. */
const forgetting = 0.9

/**
 * Watches whether something still comes. What is later than usual is doubtful, soon where packets come close together, and later
 * where only reports come, a few in a second.
 */
export function watchFlow({ clock, amount, silentMs, onFlow }: FlowOptions): Timer {
  let timer: Timer | undefined
  let cancelled = false
  let flow: Flow = 'flowing'
  let last = -1
  let cameMs = clock.nowMs()
  let lookedMs = cameMs
  let usualMs = 0

  const judge = (now: number): Flow => {
    const nowMs = clock.nowMs()
    const pauseMs = nowMs - cameMs
    const slept = nowMs - lookedMs > longestMs
    lookedMs = nowMs
    if (now !== last || slept) {
      last = now
      cameMs = nowMs
      usualMs = Math.max(pauseMs < silentMs ? pauseMs : 0, usualMs * forgetting)
      return 'flowing'
    }
    if (pauseMs >= silentMs) return 'silent'
    return pauseMs >= Math.max(doubtMs, 2 * usualMs) ? 'doubtful' : 'flowing'
  }
  const look = async () => {
    const now = await amount()
    if (cancelled) return
    const before = flow
    flow = judge(now)
    if (flow !== before) onFlow(flow)
    next()
  }
  const next = () => {
    // What is closed has no statistics, and needs nobody who looks.
    if (!cancelled) timer = clock.after(lookMs, () => void look().catch(() => {}))
  }
  next()
  return {
    cancel() {
      cancelled = true
      timer?.cancel()
    },
  }
}
