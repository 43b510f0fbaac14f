/** Size and rate of pictures, relative to the source's. */
export interface Shape {
  readonly shrink: 1 | 2 | 4
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
  readonly lowerSinceMs: number | undefined
  readonly higherSinceMs: number | undefined
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

/** The rung for a rate, without history. */
export function firstRung(source: SourceShape, bitrateBps: number): Rung {
  return { index: suited(source, bitrateBps), lowerSinceMs: undefined, higherSinceMs: undefined }
}

/** Follows a rate, with patience in both directions. Pure. */
export function nextRung(rung: Rung, source: SourceShape, bitrateBps: number, nowMs: number): Rung {
  const lower = suited(source, bitrateBps)
  const higher = suited(source, bitrateBps / headroom)
  const lowerSinceMs = lower > rung.index ? (rung.lowerSinceMs ?? nowMs) : undefined
  const higherSinceMs = higher < rung.index ? (rung.higherSinceMs ?? nowMs) : undefined
  if (lowerSinceMs !== undefined && nowMs - lowerSinceMs >= descendAfterMs) return firstRung(source, bitrateBps)
  if (higherSinceMs !== undefined && nowMs - higherSinceMs >= climbAfterMs) {
    return { index: higher, lowerSinceMs: undefined, higherSinceMs: undefined }
  }
  return { index: rung.index, lowerSinceMs, higherSinceMs }
}

/** When a rung should be looked at again although the rate stays; undefined when there is no need. */
export function rungReviewAtMs({ lowerSinceMs, higherSinceMs }: Rung): number | undefined {
  if (lowerSinceMs !== undefined) return lowerSinceMs + descendAfterMs
  return higherSinceMs === undefined ? undefined : higherSinceMs + climbAfterMs
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
