import { type PictureShape, sameShape } from '../../../domain/picture-shape.ts'
import type { PictureChoice } from '../../../media/contract/producer.ts'
import type { LaunchRequest } from '../../../wire/moonlight/launch-request.ts'
import { streamedCodec } from '../../../wire/moonlight/stream-offer.ts'

/** Sizes that clients offer, the largest first. */
const usualSizes = [
  { width: 3840, height: 2160 },
  { width: 2560, height: 1440 },
  { width: 1920, height: 1080 },
  { width: 1280, height: 720 },
  { width: 854, height: 480 },
  { width: 640, height: 360 },
] as const

/** A decoder that gets its size gets fewer pictures a second of it rather than none. */
const rates = [1, 0.5, 0.25] as const
/** A client tells its bitrate later; what others share with it may have any of these. */
const usualBitratesBps = [5_000_000, 10_000_000, 20_000_000, 40_000_000] as const

/**
 * Why the size that a client asks for cannot be encoded now, in a sentence that names sizes that can; undefined when it can, if need be
 * with fewer pictures a second.
 */
export function refusalOfRoom(
  picture: Pick<PictureChoice, 'offer'>,
  { width, height, fps }: Pick<LaunchRequest, 'width' | 'height' | 'fps'>,
): string | undefined {
  const hasRoom = (shape: PictureShape) =>
    usualBitratesBps.some((bitrateBps) => {
      const offer = picture.offer({ codecs: [streamedCodec], bitrateBps, audio: true, shape })
      return sameShape(offer.given, offer.asked)
    })
  const canHave = (size: { readonly width: number; readonly height: number }) =>
    rates.some((rate) => hasRoom({ width: size.width, height: size.height, maxFps: Math.max(1, fps * rate) }))
  if (canHave({ width, height })) return undefined
  const smaller = usualSizes.filter((size) => size.width * size.height < width * height && canHave(size))
  const choices = smaller.slice(0, 3).map((size) => `${size.width}x${size.height}`)
  const asked = `This host has no room to encode ${width}x${height} now`
  return choices.length > 0
    ? `${asked}: choose ${choices.join(' or ')}`
    : `${asked}, and none for less: try again later`
}
