import type { RtpPacket } from '../../wire/rtp/rtp-packet.ts'

/** A packet that is to be sent now. One object serves all calls of a pacer: it is good until the next one. */
export interface Departure {
  readonly kind: 'audio' | 'resend' | 'video'
  readonly packet: RtpPacket
  /** RTP timestamp. */
  readonly timestamp: number
  /** RTP sequence number of a resend; -1 for a new packet, which gets its number now. */
  readonly sequence: number
}

export interface PacerOptions {
  /** Pictures that wait longer than this are given up. 250 unless given. */
  maxQueueMs?: number
  /** So are those beyond this many bytes, unless it is a single picture. 512 KiB unless given. */
  maxQueueBytes?: number
  /** How much may leave at once, as time at the pacing rate, though never less than three packets. 5 unless given. */
  burstMs?: number
}

/** Spreads one viewer's packets over time: sound first, then resends, then pictures. Pure; allocates nothing per packet. */
export declare class Pacer {
  constructor(options?: PacerOptions)
  /** The rate of `BitrateController.pacingBps`. */
  setRate(pacingBps: number): void
  /** The oldest of too many is dropped. */
  audio(packet: RtpPacket, timestamp: number, nowUs: number): void
  /** False when there is no room: the receiver will ask again. */
  resend(packet: RtpPacket, timestamp: number, sequence: number): boolean
  /**
   * All packets of one picture. False when the queue is full or too old: everything of video that waits is dropped, this
   * picture too, and the caller goes on at the next key picture (`Watch.resync`). A key picture replaces what waits.
   */
  video(packets: readonly RtpPacket[], unit: { timestamp: number; key: boolean }, nowUs: number): boolean
  /** The next packet that may leave now; call it until it returns undefined, after every enqueue and from a timer. */
  due(nowUs: number): Departure | undefined
  /** True when nothing waits: the timer need not call. */
  get idle(): boolean
  get queuedBytes(): number
  /** How long the oldest waiting picture has waited, in milliseconds; 0 when none waits. */
  queueMs(nowUs: number): number
  /** Forgets all pictures that wait. */
  dropVideo(): void
}
