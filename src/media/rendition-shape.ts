import type { Shrink } from './contract/picture-size.ts'

/** Size and rate of pictures, relative to the source's. */
export interface Shape {
  readonly shrink: Shrink
  readonly fpsDivisor: 1 | 2
}

export interface SourceShape {
  readonly width: number
  readonly height: number
  readonly fps: number
}

/** A rung of the ladder, and since when another one would suit better. */
export interface Rung {
  readonly index: number
  readonly lowerSince: { readonly atMs: number; readonly bytes: number } | undefined
  readonly higherSinceMs: number | undefined
}

/** What a rung is chosen by. */
export interface RungConditions {
  readonly bitrateBps: number
  readonly nowMs: number
  /** Whether what the source shows is in motion. */
  readonly moves: boolean
  /** What the rung's pictures have come to so far. */
  readonly bytes: number
}

/**
 * From the best down. `minBps` is what the rung needs to look well for 1280x720 at 60 pictures a second; other sources
 * need it in proportion to their pixels a second.
 */
const ladder = [
  { minBps: 1_200_000, shape: { shrink: 1, fpsDivisor: 1 } },
  { minBps: 600_000, shape: { shrink: 1, fpsDivisor: 2 } },
  { minBps: 150_000, shape: { shrink: 2, fpsDivisor: 2 } },
  { minBps: 0, shape: { shrink: 4, fpsDivisor: 2 } },
] as const satisfies readonly { minBps: number; shape: Shape }[]

const referencePixelRate = 1280 * 720 * 60

/** Sources as slow as this are not slowed down further. */
const slowFps = 30

/** No picture is shrunk below this height. */
const leastHeight = 180

/** Up only with this much to spare, and after a while: a new size costs a key picture. */
const headroom = 1.25
const climbAfterMs = 5_000
const descendAfterMs = 1_000
/** Changes that take less of the rate than this, typing for instance, look well as they are. */
const demandingShare = 0.5
/** The lowest rung of full size. What rests is shown so at any rate: it has the time to become sharp. */
const restingIndex = 1

/** The rung that shows all there is of a source. */
export const fullRung: Rung = at(0)

/** Whether the rate is enough for all that there is of a source. */
export function carriesAll(source: SourceShape, bitrateBps: number): boolean {
  return suited(source, bitrateBps) === 0
}

/** The rung for a rate, without history. */
export function firstRung(source: SourceShape, bitrateBps: number): Rung {
  return at(suited(source, bitrateBps))
}

/** Follows a rate, with patience in both directions while there is motion, and rest at once. Pure. */
export function nextRung(rung: Rung, source: SourceShape, conditions: RungConditions): Rung {
  const { bitrateBps, nowMs, moves, bytes } = conditions
  const suits = (bps: number) => (moves ? suited(source, bps) : Math.min(restingIndex, suited(source, bps)))
  if (!moves && rung.index > restingIndex) return at(suits(bitrateBps))
  const lower = suits(bitrateBps)
  const higher = suits(bitrateBps / headroom)
  const begun = { atMs: nowMs, bytes }
  const lowerSince = lower > rung.index ? (rung.lowerSince ?? begun) : undefined
  const higherSinceMs = higher < rung.index ? (rung.higherSinceMs ?? nowMs) : undefined
  if (higherSinceMs !== undefined && nowMs - higherSinceMs >= climbAfterMs) return at(higher)
  if (lowerSince === undefined || nowMs - lowerSince.atMs < descendAfterMs) {
    return { index: rung.index, lowerSince, higherSinceMs }
  }
  const takenBps = ((bytes - lowerSince.bytes) * 8000) / (nowMs - lowerSince.atMs)
  const isDemanding = takenBps >= bitrateBps * demandingShare
  return isDemanding ? at(lower) : { index: rung.index, lowerSince: begun, higherSinceMs }
}

/** When a rung should be looked at again although nothing has changed; undefined when there is no need. */
export function rungReviewAtMs({ lowerSince, higherSinceMs }: Rung): number | undefined {
  if (lowerSince !== undefined) return lowerSince.atMs + descendAfterMs
  return higherSinceMs === undefined ? undefined : higherSinceMs + climbAfterMs
}

function at(index: number): Rung {
  return { index, lowerSince: undefined, higherSinceMs: undefined }
}

/** What a rung means for a source: slow ones keep their rate, small ones their size. */
export function shapeOf({ index }: Rung, source: SourceShape): Shape {
  const { shrink, fpsDivisor } = ladder[index]?.shape ?? ladder[0].shape
  return {
    shrink: smallest(shrink, source.height),
    fpsDivisor: source.fps > slowFps ? fpsDivisor : 1,
  }
}

function smallest(shrink: Shape['shrink'], height: number): Shape['shrink'] {
  if (height / shrink >= leastHeight) return shrink
  return height / 2 >= leastHeight && shrink === 4 ? 2 : 1
}

/** Index of the best rung that the rate is enough for. */
function suited(source: SourceShape, bitrateBps: number): number {
  const share = (source.width * source.height * source.fps) / referencePixelRate
  return ladder.findIndex(({ minBps }) => bitrateBps >= minBps * share)
}
