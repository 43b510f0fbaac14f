import { layoutFacts } from '../../domain/sound-layout.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'

/** What every client decodes, and all that is sent to them. */
export const streamedCodec = 'h264' satisfies VideoCodec

/** What a host tells in its answer to DESCRIBE: what it can do. */
export interface StreamOffer {
  /** What of a client may be encrypted, and what it has to. */
  readonly encryption: { readonly supported: number; readonly requested: number }
  readonly hevc: boolean
  readonly av1: boolean
}

/** Bits of `encryption`. */
export const encrypted = { control: 1, video: 2, audio: 4 } as const

/**
 * The body of the answer to DESCRIBE. Clients search it for words. Of a surround mapping they take the last number and put it
 * where the fourth is, so it is written the other way round. There is one for each layout, and no other for high quality: all who
 * listen in one get the same packets, whose rate is high enough for that.
 */
export function describeStream({ encryption, hevc, av1 }: StreamOffer): string {
  return [
    'a=x-ss-general.featureFlags:0',
    `a=x-ss-general.encryptionSupported:${encryption.supported}`,
    `a=x-ss-general.encryptionRequested:${encryption.requested}`,
    ...(hevc ? ['sprop-parameter-sets=AAAAAU'] : []),
    ...(av1 ? ['a=rtpmap:98 AV1/90000'] : []),
    ...(['5.1', '7.1'] as const).map((layout) => {
      const { streams, coupled, mapping } = layoutFacts[layout].opus
      const [first, second, third, ...rest] = mapping
      const moved = [...rest.slice(1), rest[0]]
      return `a=fmtp:97 surround-params=${mapping.length}${streams}${coupled}${[first, second, third, ...moved].join('')}`
    }),
    '',
  ].join('\r\n')
}
