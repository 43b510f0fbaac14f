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
 * How sound of six and eight channels is coded in streams of Opus: which channel of them front left, front right, centre, low
 * frequencies, back left, back right, side left and side right are (RFC 7845, section 5.1.1.2, by another order of speakers).
 */
export const surroundLayouts = {
  6: { streams: 4, coupled: 2, mapping: [0, 1, 4, 5, 2, 3] },
  8: { streams: 5, coupled: 3, mapping: [0, 1, 6, 7, 4, 5, 2, 3] },
} as const

/**
 * The body of the answer to DESCRIBE. Clients search it for words. Of a surround mapping they take the last number and put it
 * where the fourth is, so it is written the other way round.
 */
export function describeStream({ encryption, hevc, av1 }: StreamOffer): string {
  return [
    'a=x-ss-general.featureFlags:0',
    `a=x-ss-general.encryptionSupported:${encryption.supported}`,
    `a=x-ss-general.encryptionRequested:${encryption.requested}`,
    ...(hevc ? ['sprop-parameter-sets=AAAAAU'] : []),
    ...(av1 ? ['a=rtpmap:98 AV1/90000'] : []),
    ...Object.entries(surroundLayouts).map(([channels, { streams, coupled, mapping }]) => {
      const [first, second, third, ...rest] = mapping
      const moved = [...rest.slice(1), rest[0]]
      return `a=fmtp:97 surround-params=${channels}${streams}${coupled}${[first, second, third, ...moved].join('')}`
    }),
    '',
  ].join('\r\n')
}
