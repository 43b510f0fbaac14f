/** How one kind of packet waits for its turn. */
export interface LaneRule {
  /** The most packets that wait. */
  readonly capacity: number
  /** `at-once` does not wait for the budget, though it counts; `paced` does; `probing` has the rate of its own probe. */
  readonly leaves: 'at-once' | 'paced' | 'probing'
  /** What gives way where there is no room: the oldest packet, the new one, or everything that waits in the lane. */
  readonly full: 'oldest' | 'newest' | 'all'
}

/**
 * The lanes of a pacer, the most urgent first: a packet leaves when nothing waits in the lanes before its own. `resend`
 * repairs pictures that are being decoded, so it goes before new ones; `parity` repairs the newest picture alone, so it is
 * of no use once another one comes.
 */
export const lanes = {
  control: { capacity: 256, leaves: 'at-once', full: 'newest' },
  input: { capacity: 256, leaves: 'at-once', full: 'oldest' },
  /** 320 ms of Opus. */
  audio: { capacity: 32, leaves: 'at-once', full: 'oldest' },
  resend: { capacity: 256, leaves: 'paced', full: 'newest' },
  video: { capacity: 2048, leaves: 'paced', full: 'all' },
  parity: { capacity: 1024, leaves: 'paced', full: 'all' },
  probing: { capacity: 0, leaves: 'probing', full: 'newest' },
} as const satisfies Readonly<Record<string, LaneRule>>

export type LaneName = keyof typeof lanes
