/** Video codecs that a rendition can have. H.264 is constrained baseline in Annex B form with in-band parameter sets. */
export const videoCodecs = ['h264', 'vp8'] as const
export type VideoCodec = (typeof videoCodecs)[number]
