import { type PictureShape, sameShape, type ShapeOffer } from '../domain/picture-shape.ts'
import { type BudgetShare, costOf, type EncodingLoad } from './encoder-budget.ts'
import { sameSize } from '../domain/size.ts'
import type { PlannedViewer } from './rendition-plan.ts'
import { answerShape, type EncodedShape, type ShapeAnswer } from './shape-offer.ts'

/** Somebody who wants pictures of a shape. */
export interface ShapeSeeker extends Pick<PlannedViewer, 'id' | 'codec' | 'bitrateBps'> {
  readonly wish: PictureShape
  readonly holdsShape: boolean
  readonly before: ShapeVerdict | undefined
}

/** What became of a wish. */
export interface ShapeVerdict extends ShapeAnswer {
  readonly offer: ShapeOffer
  /** The most that the viewer gets: who shares what others have does not change it for them. */
  readonly mostBps: number
}

/** An encoding that there is, and what the paths of those can carry whom it is for. */
export interface SharedEncoding extends EncodedShape {
  readonly viewers: ReadonlyMap<number, number>
}

export interface ShapeDeskOptions {
  readonly preset: EncodingLoad['preset']
  readonly budget: BudgetShare
}

/** Answers wishes for shapes, out of what is encoded already and of what there is room for. */
export class ShapeDesk {
  readonly #options: ShapeDeskOptions

  constructor(options: ShapeDeskOptions) {
    this.#options = options
  }

  /** Who wished first comes first; what one is given is there for those who come after. Promises nothing. */
  answer(
    seekers: readonly ShapeSeeker[],
    encodings: readonly SharedEncoding[],
    sourceFps: number,
  ): ReadonlyMap<number, ShapeVerdict> {
    const verdicts = new Map<number, ShapeVerdict>()
    let encoded = encodings.map((one) => ({ ...one, viewers: new Map(one.viewers) }))
    let { room } = this.#options.budget
    for (const seeker of seekers) {
      const { id, wish, before, codec, bitrateBps } = seeker
      const own = encoded.find(({ viewers }) => viewers.size === 1 && viewers.has(id))
      const freed = own ? this.#costOf(own) : 0
      const answer = answerShape({
        ...seeker,
        sourceFps,
        // What it has alone is a choice only where it was an answer to this wish.
        encoded: encoded.filter((one) => one !== own || (before !== undefined && sameShape(one.shape, before.shape))),
        fits: (shape) => this.#costOf({ ...shape, codec, fps: shape.maxFps }) <= room + freed,
      })
      const { shape, joins } = answer
      const asked = { asked: wish, given: shape, reason: sameShape(shape, wish) ? undefined : noRoomFor(wish) }
      const others = encoded.find((one) => one === joins)?.viewers ?? new Map<number, number>()
      const mostBps = Math.min(Infinity, ...[...others].flatMap(([other, bps]) => (other === id ? [] : [bps])))
      verdicts.set(id, { ...answer, offer: asked, mostBps })
      if (!shape) continue
      // Those who come after find what it has been given, and nothing that was encoded for it alone before.
      const fps = Math.min(shape.maxFps, sourceFps)
      const shared = joins ?? encoded.find((one) => one.codec === codec && sameSize(one, shape) && one.fps === fps)
      for (const one of encoded) one.viewers.delete(id)
      if (own && own !== shared) {
        room += freed
        encoded = encoded.filter((one) => one !== own)
      }
      const place = encoded.find((one) => one === shared)
      if (place) {
        place.viewers.set(id, bitrateBps)
        continue
      }
      room -= this.#costOf({ ...shape, codec, fps: shape.maxFps })
      const viewers = new Map([[id, bitrateBps]])
      encoded.push({ ...shape, shape, joinable: true, codec, fps, bitrateBps, viewers })
    }
    return verdicts
  }

  /** This is encoded from now on. */
  spend(encodings: readonly SharedEncoding[]): void {
    this.#options.budget.spend(encodings.reduce((sum, one) => sum + this.#costOf(one), 0))
  }

  close(): void {
    this.#options.budget.close()
  }

  #costOf({ codec, width, height, fps }: Omit<EncodingLoad, 'preset'>): number {
    return costOf({ codec, width, height, fps, preset: this.#options.preset })
  }
}

function noRoomFor({ width, height, maxFps }: PictureShape): string {
  return `This host has no room to encode ${width}x${height} at ${maxFps} pictures a second beside what it encodes already`
}
