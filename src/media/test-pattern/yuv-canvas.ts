import type { Color } from './color.ts'
import type { Mask } from './mask.ts'

/** A picture of three planes, 8 bits, chroma halved both ways (I420), without padding. */
export interface YuvPlanes {
  readonly width: number
  readonly height: number
  readonly y: Uint8Array
  readonly u: Uint8Array
  readonly v: Uint8Array
}

/** A rectangle whose corners are at even pixels, so that it has chroma samples of its own. */
export interface EvenRect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The smallest rectangle of even corners that contains the given one. */
export function evenRect(x: number, y: number, width: number, height: number): EvenRect {
  const left = Math.floor(x / 2) * 2
  const top = Math.floor(y / 2) * 2
  return {
    x: left,
    y: top,
    width: Math.ceil((x + width - left) / 2) * 2,
    height: Math.ceil((y + height - top) / 2) * 2,
  }
}

/** Draws on I420 planes that it owns; what lies outside is clipped. */
export class YuvCanvas implements YuvPlanes {
  readonly width: number
  readonly height: number
  readonly y: Uint8Array
  readonly u: Uint8Array
  readonly v: Uint8Array

  /** Throws RangeError unless both sides are even and positive. */
  constructor(width: number, height: number) {
    if (!(width >= 2 && height >= 2) || width % 2 !== 0 || height % 2 !== 0) {
      throw new RangeError(`Cannot draw ${width}x${height}: both sides must be even and at least 2`)
    }
    this.width = width
    this.height = height
    this.y = new Uint8Array(width * height)
    this.u = new Uint8Array((width * height) / 4)
    this.v = new Uint8Array((width * height) / 4)
  }

  /** Fills the even rectangle around the given one. */
  fill(x: number, y: number, width: number, height: number, color: Color): void {
    const rect = this.#clip(evenRect(x, y, width, height))
    fillPlane(this.y, this.width, rect.x, rect.y, rect.width, rect.height, color.y)
    const half = [this.width / 2, rect.x / 2, rect.y / 2, rect.width / 2, rect.height / 2] as const
    fillPlane(this.u, ...half, color.u)
    fillPlane(this.v, ...half, color.v)
  }

  /** Lays a colour over the picture where the mask covers it; the corner is moved to an even pixel. */
  blend(mask: Mask, x: number, y: number, color: Color, opacity = 1): void {
    const rect = evenRect(x, y, mask.width, mask.height)
    for (let row = 0; row < mask.height; row += 2) {
      const top = rect.y + row
      if (top < 0 || top >= this.height) continue
      for (let column = 0; column < mask.width; column += 2) {
        const left = rect.x + column
        if (left < 0 || left >= this.width) continue
        this.#blendBlock(mask, row * mask.width + column, top * this.width + left, color, opacity)
      }
    }
  }

  /** Takes a rectangle's pixels from a picture of the same size. */
  restore(from: YuvPlanes, x: number, y: number, width: number, height: number): void {
    const rect = this.#clip(evenRect(x, y, width, height))
    copyPlane(from.y, this.y, this.width, rect.x, rect.y, rect.width, rect.height)
    const half = [this.width / 2, rect.x / 2, rect.y / 2, rect.width / 2, rect.height / 2] as const
    copyPlane(from.u, this.u, ...half)
    copyPlane(from.v, this.v, ...half)
  }

  /** Blends the two by two pixels that share a chroma sample. */
  #blendBlock(mask: Mask, maskAt: number, at: number, color: Color, opacity: number): void {
    const a = this.#blendLuma(mask.coverage[maskAt] ?? 0, at, color, opacity)
    const b = this.#blendLuma(mask.coverage[maskAt + 1] ?? 0, at + 1, color, opacity)
    const c = this.#blendLuma(mask.coverage[maskAt + mask.width] ?? 0, at + this.width, color, opacity)
    const d = this.#blendLuma(mask.coverage[maskAt + mask.width + 1] ?? 0, at + this.width + 1, color, opacity)
    const share = (a + b + c + d) / 4
    if (share === 0) return
    const x = at % this.width
    const chromaAt = ((at - x) / this.width / 2) * (this.width / 2) + x / 2
    this.u[chromaAt] = mix(this.u[chromaAt] ?? 0, color.u, share)
    this.v[chromaAt] = mix(this.v[chromaAt] ?? 0, color.v, share)
  }

  #blendLuma(coverage: number, at: number, color: Color, opacity: number): number {
    if (coverage === 0) return 0
    const share = (coverage / 255) * opacity
    this.y[at] = mix(this.y[at] ?? 0, color.y, share)
    return share
  }

  #clip(rect: EvenRect): EvenRect {
    const x = Math.max(0, rect.x)
    const y = Math.max(0, rect.y)
    return {
      x,
      y,
      width: Math.max(0, Math.min(this.width, rect.x + rect.width) - x),
      height: Math.max(0, Math.min(this.height, rect.y + rect.height) - y),
    }
  }
}

function mix(under: number, over: number, share: number): number {
  return Math.round(under + (over - under) * share)
}

function fillPlane(
  plane: Uint8Array,
  stride: number,
  x: number,
  y: number,
  width: number,
  height: number,
  value: number,
): void {
  for (let row = y; row < y + height; row++) plane.fill(value, row * stride + x, row * stride + x + width)
}

function copyPlane(
  from: Uint8Array,
  to: Uint8Array,
  stride: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  for (let row = y; row < y + height; row++) {
    const at = row * stride + x
    to.set(from.subarray(at, at + width), at)
  }
}
