import { type PictureShape, sameShape } from '../domain/picture-shape.ts'
import { sameSize, type Size } from '../domain/size.ts'
import { sidesOf } from './contract/picture-size.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import { fairShare } from './rendition-plan.ts'

/** An encoding that there is, as far as those who may join it are concerned. */
export interface EncodedShape {
  readonly codec: VideoCodec
  /** Undefined for one that follows its viewers' paths. */
  readonly shape: PictureShape | undefined
  /** Whether it stays as it is while somebody wants it so. */
  readonly joinable: boolean
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly bitrateBps: number
}

export interface ShapeQuestion {
  readonly wish: PictureShape
  /** Its size is not to be changed any more. */
  readonly holdsShape: boolean
  /** The last answer to this wish. */
  readonly before: ShapeAnswer | undefined
  readonly codec: VideoCodec
  /** What the viewer's path can carry. */
  readonly bitrateBps: number
  /** The most pictures a second that there are of the source. */
  readonly sourceFps: number
  readonly encoded: readonly EncodedShape[]
  /** Whether there is room for one more encoding. */
  readonly fits: (shape: PictureShape) => boolean
}

export interface ShapeAnswer {
  /** Undefined for what follows the viewer's path. */
  readonly shape: PictureShape | undefined
  /** What the viewer has to share, at the rate that it has; undefined where there is room for an encoding of its own. */
  readonly joins: EncodedShape | undefined
}

/** Sides and rates by which a wish is made smaller where nothing is encoded yet that would do instead. */
const smaller = [
  { side: 1, rate: 0.5 },
  { side: 0.5, rate: 1 },
  { side: 0.5, rate: 0.5 },
  { side: 0.5, rate: 0.25 },
] as const

/** A decoder that takes one size only gets fewer pictures a second of it, down to this share, rather than another size. */
const heldRates = [1, 0.5, 0.25] as const

/** A shape as it can be encoded: even sides, at least one picture a second. */
export function evenShape({ width, height, maxFps }: PictureShape): PictureShape {
  return { ...sidesOf({ width, height }, { width, height }), maxFps: Math.max(1, maxFps) }
}

/**
 * What somebody who wants a shape gets: the shape itself when it is encoded already or there is room for it, and otherwise the
 * nearest that is encoded. Who has the shape keeps it. Pure.
 */
export function answerShape(question: ShapeQuestion): ShapeAnswer {
  const { wish, holdsShape, before, codec, encoded, fits } = question
  const has = (shape: PictureShape) => before !== undefined && !before.joins && sameShape(shape, before.shape)
  const isFree = (shape: PictureShape) => encoded.some((one) => is(one, shape, question) && suits(one, question))
  const canHave = (shape: PictureShape) => has(shape) || isFree(shape) || fits(shape)
  const alone = (shape: PictureShape | undefined) => ({ shape, joins: undefined })
  if (holdsShape) {
    const rates = heldRates.map((share) => ({ ...wish, maxFps: Math.max(1, wish.maxFps * share) }))
    return alone(rates.find(canHave) ?? rates.at(-1))
  }
  if (canHave(wish)) return alone(wish)
  const [nearest] = encoded
    .filter((one) => one.codec === codec && one.bitrateBps <= question.bitrateBps)
    .toSorted((a, b) => distance(a, wish) - distance(b, wish) || b.bitrateBps - a.bitrateBps)
  if (nearest) return { shape: nearest.shape, joins: nearest }
  return alone(smaller.map((share) => shrunk(wish, share)).find(canHave))
}

/** Whether an encoding shows this shape. */
function is(one: EncodedShape, shape: PictureShape, { codec, sourceFps }: ShapeQuestion): boolean {
  return one.joinable && one.codec === codec && sameSize(one, shape) && one.fps === Math.min(shape.maxFps, sourceFps)
}

/** Whether the viewer can carry it, and gets its share of what it can carry. */
function suits({ bitrateBps }: EncodedShape, question: ShapeQuestion): boolean {
  return bitrateBps <= question.bitrateBps && bitrateBps >= question.bitrateBps * fairShare
}

/** How far apart two shapes are: by sides first, by rate as well. */
function distance(one: Size & { readonly fps: number }, wish: PictureShape): number {
  const sides = Math.abs(Math.log(one.width / wish.width)) + Math.abs(Math.log(one.height / wish.height))
  return sides + Math.abs(Math.log(one.fps / wish.maxFps)) / 2
}

function shrunk(wish: PictureShape, { side, rate }: (typeof smaller)[number]): PictureShape {
  return evenShape({ width: wish.width * side, height: wish.height * side, maxFps: wish.maxFps * rate })
}
