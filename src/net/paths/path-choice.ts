import { pathStates, type PathStanding } from '../../domain/path-standing.ts'
import type { RecentLosses } from './path-meter.ts'
import type { PathKind } from './path-policy.ts'
import type { PathState } from './path.ts'

/** What is known of a path when one is chosen. */
export interface PathView {
  readonly name: string
  readonly kind: PathKind
  /** By the policy: the smaller, the rather. */
  readonly rank: number
  readonly state: PathState
  readonly roundTripMs: number
  /** Of checks, 0 to 1. */
  readonly lossRatio: number
  /** How many checks that is of. */
  readonly judged: number
  /** What was lost of the newest checks; of one that is not taken, in the time that those of the taken one are of. */
  readonly recent: RecentLosses
}

/** Which path is taken, and what is remembered until another one may be. */
export interface PathChoice {
  readonly current: string | undefined
  /** Since when each of the others has been worth going to, and for what. */
  readonly rivals: Readonly<Record<string, { readonly sinceMs: number; readonly cause: MoveCause }>>
  /** When it was last left because it was worse or dead, and for how long a better path has to be good before it is taken. */
  readonly leftMs: number | undefined
  readonly holdMs: number
}

export type MoveCause = 'first' | 'dead' | 'loss' | 'delay' | 'better'

export interface PathMove {
  readonly from: string | undefined
  readonly to: string
  readonly cause: MoveCause
}

/**
 * When the path that is taken counts as degraded: it loses a tenth of the checks more than another one, or takes half as long again and
 * 20 ms more, for three seconds and twelve checks. For its delay alone only a direct path is left for one that is less preferred.
 */
export const degradedRule = { lossMargin: 0.1, delayFactor: 1.5, delayMarginMs: 20, forMs: 3000, checks: 12 } as const
/**
 * And what is left at once: of its last twenty checks five are lost, at three times with answers in between, and of those of another one a fifth
 * less, by four checks of the same time: what it lost before may have been another time for both. A moment without any answer is one time, and no
 * reason to move.
 */
export const brokenRule = { lost: 5, runs: 3, lossMargin: 0.2, checks: 4 } as const
/** A path that the policy prefers is taken again when it has been no worse than this for the hold time. */
const returnRule = { lossMargin: 0.03, delayFactor: 1.25, delayMarginMs: 10 } as const
/** Doubled each time a path had to be left soon after it was taken again; back to the first after five quiet minutes. */
const shortestHoldMs = 3000
/** As long as no path was left yet. */
const firstHoldMs = 300
const longestHoldMs = 60_000
const quietMs = 300_000

export const firstChoice: PathChoice = { current: undefined, rivals: {}, leftMs: undefined, holdMs: shortestHoldMs }

/**
 * Chooses anew, at any time. A dead path is left at once, for the best of the others; a degraded one, or one for a better one, when that
 * has lasted. Pure.
 */
export function chooseAnew(
  choice: PathChoice,
  paths: readonly PathView[],
  nowMs: number,
): { readonly choice: PathChoice; readonly move: PathMove | undefined } {
  const current = paths.find(({ name }) => name === choice.current)
  const others = paths.filter(({ name, state }) => state === 'alive' && name !== choice.current).toSorted(byWorth)
  const [best] = others
  if (current?.state !== 'alive') {
    if (!best) return { choice: { ...choice, rivals: {} }, move: undefined }
    return moveTo(choice, best, choice.current === undefined ? 'first' : 'dead', nowMs)
  }
  const broken = others.find((other) => isBrokenBeside(current, other))
  if (broken) return moveTo(choice, broken, 'loss', nowMs)
  const rivals: Record<string, PathChoice['rivals'][string]> = {}
  for (const other of others) {
    const cause = reasonToMove(current, other)
    if (cause === undefined) continue
    const known = choice.rivals[other.name]
    // Loss that turns into delay is the same trouble.
    rivals[other.name] = { sinceMs: known?.sinceMs ?? nowMs, cause }
  }
  const ripe = others.find(({ name }) => {
    const rival = rivals[name]
    if (!rival) return false
    const holdMs = choice.leftMs === undefined ? firstHoldMs : choice.holdMs
    return nowMs - rival.sinceMs >= (rival.cause === 'better' ? holdMs : degradedRule.forMs)
  })
  const next = { ...choice, rivals }
  const cause = ripe && rivals[ripe.name]?.cause
  return ripe && cause ? moveTo(next, ripe, cause, nowMs) : { choice: next, move: undefined }
}

function moveTo(choice: PathChoice, to: PathView, cause: MoveCause, nowMs: number): ReturnType<typeof chooseAnew> {
  const isRetreat = cause === 'dead' || cause === 'loss' || cause === 'delay'
  const wasSoon = choice.leftMs !== undefined && nowMs - choice.leftMs < quietMs
  const longer = wasSoon ? Math.min(2 * choice.holdMs, longestHoldMs) : shortestHoldMs
  return {
    choice: {
      current: to.name,
      rivals: {},
      leftMs: isRetreat ? nowMs : choice.leftMs,
      holdMs: isRetreat ? longer : choice.holdMs,
    },
    move: { from: choice.current, to: to.name, cause },
  }
}

function isBrokenBeside({ recent }: PathView, other: PathView): boolean {
  const isBroken = recent.lost >= brokenRule.lost && recent.runs >= brokenRule.runs
  const mostRatio = recent.ratio - brokenRule.lossMargin
  return isBroken && other.recent.of >= brokenRule.checks && Math.max(other.recent.ratio, other.lossRatio) <= mostRatio
}

function reasonToMove(current: PathView, other: PathView): MoveCause | undefined {
  const isKnown = current.judged >= degradedRule.checks && other.judged >= 4
  const { lossMargin, delayFactor, delayMarginMs } = degradedRule
  if (isKnown && current.lossRatio >= other.lossRatio + lossMargin) return 'loss'
  const isNoLossier = other.lossRatio <= current.lossRatio + returnRule.lossMargin
  const isPreferred = other.rank < current.rank
  // A relay that is preferred is not so for its speed.
  const isLate = current.roundTripMs >= other.roundTripMs * delayFactor + delayMarginMs
  if (isKnown && isNoLossier && isLate && (current.kind === 'direct' || isPreferred)) return 'delay'
  if (!isPreferred || other.judged < 4 || !isNoLossier) return undefined
  const mostMs = current.roundTripMs * returnRule.delayFactor + returnRule.delayMarginMs
  return other.kind !== 'direct' || other.roundTripMs <= mostMs ? 'better' : undefined
}

function byWorth(a: PathView, b: PathView): number {
  const loss = (path: PathView) => (path.lossRatio >= degradedRule.lossMargin ? 1 : 0)
  return loss(a) - loss(b) || a.rank - b.rank || a.roundTripMs - b.roundTripMs
}

const causes: Readonly<Record<MoveCause, string>> = {
  first: 'the first that answers',
  dead: 'the former one is dead',
  loss: 'the former one loses more',
  delay: 'the former one takes longer',
  better: 'it is preferred and works again',
}

/** In a few words; undefined where this end has only followed, or nothing was decided. */
export function describeCause(cause: MoveCause | 'nominated' | 'lost' | 'back' | undefined): string | undefined {
  if (cause === 'lost') return 'none answers'
  if (cause === 'back') return 'it answers again'
  return cause === undefined || cause === 'nominated' ? undefined : causes[cause]
}

/** How each path stands: the one that is taken first, then those that answer. What is only a little faster than another changes no places. */
export function standingsOf({ current }: PathChoice, paths: readonly PathView[]): PathStanding[] {
  const all = paths.map(({ name, rank, state, roundTripMs, lossRatio, judged }) => {
    const standing = state !== 'alive' ? state : name === current ? 'taken' : 'warm'
    const measured = state === 'alive' && { roundTripMs, ...(judged > 0 && { lossRatio }) }
    return { rank, path: { name, state: standing, ...measured } as const }
  })
  const place = ({ path }: (typeof all)[number]) => pathStates.indexOf(path.state)
  const sorted = all.toSorted(
    (a, b) => place(a) - place(b) || a.rank - b.rank || a.path.name.localeCompare(b.path.name),
  )
  return sorted.map(({ path }) => path)
}

/** For people: `direct 192.0.2.1:5000, 4 ms; relay 203.0.113.1:3478, 19 ms, kept warm`. */
export function explainChoice(choice: PathChoice, paths: readonly PathView[], cause?: MoveCause): string {
  const sayOne = ({ name, state, roundTripMs, lossRatio }: PathView) => {
    const lost = lossRatio >= 0.02 ? `, loses ${Math.round(lossRatio * 100)} %` : ''
    return state === 'alive' ? `${name}, ${Math.round(roundTripMs)} ms${lost}` : `${name}, no answer`
  }
  const current = paths.find(({ name }) => name === choice.current)
  const said = current ? `${sayOne(current)}${cause ? ` (${causes[cause]})` : ''}` : 'no path yet'
  const others = paths.filter((path) => path !== current).toSorted(byWorth)
  return [said, ...others.map((path) => `${sayOne(path)}${path.state === 'alive' ? ', kept warm' : ''}`)].join('; ')
}
