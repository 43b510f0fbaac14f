import { codecFacts } from '../../domain/video-codec.ts'
import { nalUnits } from '../../wire/rtp/annex-b.ts'
import type { WebPicture } from '../../wire/web-media/host-media-message.ts'

const sequenceParameterSet = 7

/** What a decoder has to be configured for: profile and level of an H.264 key picture are in its parameter set. */
export function codecStringOf({ codec, data }: Pick<WebPicture, 'codec' | 'data'>): string {
  const usual = codecFacts[codec].webCodecs
  if (codec !== 'h264') return usual
  const set = nalUnits(data).find((unit) => ((unit[0] ?? 0) & 0x1f) === sequenceParameterSet)
  if (!set || set.length < 4) return usual
  return `avc1.${[...set.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
