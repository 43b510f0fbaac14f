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
  /** H.264: Annex B byte stream; VP8: one frame. Empty where the flow is not here. */
  readonly data: Uint8Array
  /** Where it has gone besides, of one that has. */
  readonly flow?: UnitFlow
}

/** What is known of a unit that went straight to viewer processes. */
export interface UnitFlow {
  /** Which media process it is of, and which rendition there. */
  readonly media: number
  readonly source: number
  readonly rendition: number
  /** Its place among those of its rendition, without gaps as they are made. */
  readonly number: number
  /** How much there is of it. */
  readonly bytes: number
  /** Whether its data came here as well. */
  readonly isHere: boolean
  /** The inlets that it was written to. */
  readonly links: readonly number[]
}

/** How much there is of a unit, wherever that is. */
export function bytesOf({ flow, data }: AccessUnit): number {
  return flow?.bytes ?? data.length
}

/** Whether who takes units at an inlet, or (undefined) here, can have this one. */
export function canReach({ flow }: AccessUnit, link: number | undefined): boolean {
  return !flow || flow.isHere || (link !== undefined && flow.links.includes(link))
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
