import type { PathOverview } from '../../domain/path-standing.ts'
import type { AdaptationCause } from '../../net/congestion/bitrate-controller.ts'
import type { BirthdayOutcome } from '../../net/paths/birthday-probing.ts'
import type { WirePath } from './viewer-wire.ts'

/** What operators follow of a viewer. */
export type ViewerObservation =
  | { readonly kind: 'handshake'; readonly ok: boolean; readonly tookMs: number; readonly reason: string | undefined }
  | ({ readonly kind: 'path' } & WirePath)
  | {
      readonly kind: 'adaptation'
      readonly fromBps: number
      readonly toBps: number
      readonly cause: AdaptationCause
    }
  | { readonly kind: 'parity'; readonly fromPercent: number; readonly toPercent: number; readonly lossRatio: number }
  | {
      readonly kind: 'mode'
      readonly to: ViewerMode
      readonly cause: 'silence' | 'heard' | 'loss' | 'bursts' | 'calm'
    }
  | { readonly kind: 'freeze'; readonly durationMs: number }
  /** A direct path was probed for by birthday, by the other end of it too. */
  | ({ readonly kind: 'probing' } & BirthdayOutcome)

/** What is sent: all of it, sound without pictures while nothing is heard of the other end, or what a bad network leaves whole. */
export const viewerModes = ['pictures', 'sound-alone', 'bad-network'] as const
type ViewerMode = (typeof viewerModes)[number]

export interface ViewerStatistics {
  /** What the path is believed to carry, in bits a second. */
  readonly targetBps: number
  readonly sentBps: number
  readonly roundTripMs: number
  /** 0 to 1. */
  readonly lossRatio: number
  /** In which no picture was due, since the viewer was opened. */
  readonly restMs: number
  /** Of the packets of pictures, in percent; undefined where the wire has none. */
  readonly parityPercent?: number | undefined
  readonly mode: ViewerMode
  /** Undefined where nobody chooses among paths. */
  readonly overview?: PathOverview | undefined
  /** The other end has said something since the last of these. */
  readonly heard: boolean
}

/** What a viewer tells whoever feeds it, in the same process or by way of messages. */
export interface ViewerEvents {
  /** Pictures and sound can be sent; so much of pictures, in bits a second. */
  opened(bitrateBps: number): void
  /** What the path can carry of pictures has changed. */
  bitrate(bitrateBps: number): void
  keyframe(): void
  /** Only the next key picture helps. */
  resync(): void
  observed(observation: ViewerObservation): void
  /** Once a second. */
  statistics(statistics: ViewerStatistics): void
}
