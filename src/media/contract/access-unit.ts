import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'

/** One encoded picture. It is shared by every viewer of its rendition: nobody changes it. */
export interface AccessUnit {
  readonly codec: VideoCodec
  /** True for a picture that can be decoded without any before it (H.264 IDR with SPS and PPS, VP8 key frame). */
  readonly key: boolean
  /** When the picture was captured: microseconds of the host's monotonic clock (`process.hrtime`), the same for all producers. */
  readonly captureUs: number
  /** When its encoding ended, same clock. */
  readonly encodedUs: number
  readonly width: number
  readonly height: number
  /** H.264: Annex B byte stream; VP8: one frame. */
  readonly data: Uint8Array
}

/**
 * One Opus packet of 48 kHz, {@link opusFrameSamples} samples for each channel of the layout that was asked for: two frames of 5 ms, see
 * `splitOpus`. Shared like an access unit.
 */
export interface AudioUnit {
  /** When its first sample was captured, same clock as {@link AccessUnit.captureUs}. */
  readonly captureUs: number
  /**
   * Position of its first sample in samples at 48 kHz, counted on one time line for all producers of this machine, that of
   * the monotonic clock; it only grows within a producer. A gap means silence that was not sent.
   */
  readonly positionSamples: number
  readonly data: Uint8Array
}

/** Who gets a unit of sound: all who listen in this layout or, of them, one speaker alone. */
export interface SoundAudience {
  readonly layout: SoundLayout
  /** The number of that speaker; undefined for everybody. */
  readonly onlyFor: number | undefined
}

/** Samples for each channel in one Opus packet: 10 ms at 48 kHz. */
export const opusFrameSamples = 480
