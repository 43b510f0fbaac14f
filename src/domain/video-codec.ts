/** Video codecs that a rendition can have, the one that costs least first. */
export const videoCodecs = ['h264', 'vp8'] as const
export type VideoCodec = (typeof videoCodecs)[number]

/** What is taken where nobody has asked for one. */
export const usualCodec: VideoCodec = 'h264'

/** What has to be known of a codec outside of what encodes it and what packs it for RTP. */
export interface CodecFacts {
  /** As people call it. */
  readonly title: string
  /** From 1 to 127, on the wires and between processes here; never given to another one. */
  readonly number: number
  /** For WebCodecs, of what encoders make here when the stream itself does not say more (W3C WebCodecs Codec Registry). */
  readonly webCodecs: string
  /** Time that encoding it takes in software, as a multiple of H.264's. */
  readonly encodingCost: number
}

export const codecFacts: Readonly<Record<VideoCodec, CodecFacts>> = {
  /** Constrained baseline in Annex B form, level 3.1, with parameter sets in band. */
  h264: { title: 'H.264', number: 1, webCodecs: 'avc1.42e01f', encodingCost: 1 },
  vp8: { title: 'VP8', number: 2, webCodecs: 'vp8', encodingCost: 2 },
}

/** Undefined for a number that no codec has. */
export function codecOfNumber(number: number): VideoCodec | undefined {
  return videoCodecs.find((codec) => codecFacts[codec].number === number)
}
