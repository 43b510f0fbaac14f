import type { VideoCodec } from '../../domain/video-codec.ts'
import type { RateKnownBy } from '../../net/congestion/bitrate-controller.ts'

/** One name for both streams: the receiver plays those of one name together (RFC 3550, section 6.5.1). */
export const canonicalName = 'porchlight'

/** Of a viewer's two streams, 32 bits each. */
export interface Ssrcs {
  readonly video: number
  readonly audio: number
}

/** How a viewer's pictures and sound are sent, as it was negotiated. */
export interface ViewerStreams {
  readonly ssrcs: Ssrcs
  /** Undefined for a viewer without pictures. */
  readonly video:
    | {
        /** At least one codec. */
        readonly payloadTypes: Readonly<Partial<Record<VideoCodec, number>>>
        /** Id of the header extension with the transport-wide sequence number; 0 for none. */
        readonly transportExtensionId: number
      }
    | undefined
  /** Opus; undefined for a viewer without sound. */
  readonly audio:
    | {
        readonly payloadType: number
        readonly transportExtensionId: number
        /** False for a viewer who only speaks. */
        readonly isHeard: boolean
        /** Of the stream of the microphone; undefined for a viewer who only listens. */
        readonly voiceSsrc: number | undefined
      }
    | undefined
}

/** Whether the other end tells of each packet when it came, or only what share is lost. */
export function rateKnownBy({ audio, video }: ViewerStreams): RateKnownBy {
  return (video?.transportExtensionId ?? audio?.transportExtensionId ?? 0) === 0 ? 'losses' : 'arrivals'
}
