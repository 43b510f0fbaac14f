import { nalUnits } from '../../wire/rtp/annex-b.ts'
import type { WebPicture } from '../../wire/web-media/host-media-message.ts'

const sequenceParameterSet = 7
/** Constrained baseline, level 3.1: what the host's encoders make when nothing is said. */
const usualH264 = 'avc1.42e01f'

/** What a decoder has to be configured for: profile and level of an H.264 key picture are in its parameter set. */
export function codecStringOf({ codec, data }: Pick<WebPicture, 'codec' | 'data'>): string {
  if (codec === 'vp8') return 'vp8'
  const set = nalUnits(data).find((unit) => ((unit[0] ?? 0) & 0x1f) === sequenceParameterSet)
  if (!set || set.length < 4) return usualH264
  return `avc1.${[...set.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
