import type { GatewayCounters } from './gateway-counters.ts'

/** What operators are told of all viewers of a gateway together. */
export interface GatewayFigures {
  /** What it has done so far. */
  readonly counters: Readonly<GatewayCounters>
  /** How often somebody at its door was told no, by why; undefined where people are let in elsewhere. */
  readonly refusals?: ReadonlyMap<string, number>
  /** Viewers that are being sent media. */
  readonly viewers: number
  /** What each viewer's path is believed to carry, in bits a second. */
  readonly targetBitratesBps: readonly number[]
  /**
   * How long the latest pictures took from their capture to their last packet: what `share` (0 to 1) of them did not
   * exceed, in milliseconds; undefined before the first.
   */
  captureToPacketMs(share: number): number | undefined
}
