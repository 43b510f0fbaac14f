import type { End } from '../../kernel/ending.ts'
import type { PathOverview } from '../../domain/path-standing.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import type { ArrivalReport } from '../../net/congestion/arrival-report.ts'
import type { RateKnownBy } from '../../net/congestion/bitrate-controller.ts'
import type { LaneName } from '../../net/pacing/lanes.ts'
import type { Paceable } from '../../net/pacing/packet-ring.ts'

/** What is to be known of a picture when one of its packets leaves, for the first time or again. */
export interface SentPicture {
  readonly codec: VideoCodec
  readonly key: boolean
  readonly captureUs: number
  /** Of all that were sent to this viewer, without gaps. */
  readonly index: number
  /** What the wire wants to find again, an RTP timestamp for instance. */
  readonly mark: number
}

/** What it means when nothing comes from the other end, though there is something to say. Times in milliseconds. */
export interface SilenceRule {
  /** By then packets have to go. */
  readonly openWithinMs: number
  /** And this long after that something has to have come. */
  readonly answerWithinMs: number
  /** Longer silence than this counts. */
  readonly limitMs: number
  /** Pictures are held back until something comes, or the viewer ends. */
  readonly outcome: 'hold' | 'end'
}

/** A packet of a wire, made once and shared by all viewers of the same shape: nobody writes into it. */
export interface WirePacket extends Paceable {
  /** The last packet of its picture, parity aside. */
  readonly marker: boolean
}

/** One picture as a wire sends it. */
export interface PicturePackets<Packet extends WirePacket> {
  /** Empty for what cannot be sent. */
  readonly packets: readonly Packet[]
  /** What repairs them, made for all as well. */
  readonly parity: readonly Packet[]
}

/** A packet on its way out. One object serves all: it is good until the call returns. */
export interface Leaving<Packet extends WirePacket> {
  readonly lane: LaneName
  readonly packet: Packet
  /**
   * Of pictures, their parity and padding: the viewer's own number, which grows by one and never wraps; a resend has that of what it repeats.
   */
  readonly number: number
  /** By which the other end reports on it; grows by one with each packet that it reports on. */
  readonly reportNumber: number
  /** The picture that it belongs to, with its mark; of other lanes undefined. */
  readonly picture: SentPicture | undefined
  /** Of sound, its mark. */
  readonly mark: number
}

/** How the two ends reach each other, for operators. */
export interface WirePath {
  readonly path: 'direct' | 'relayed' | 'web-port'
  readonly local: string
  readonly remote: string
  /** In words why it is this one and which others there are, where somebody chooses. */
  readonly why?: string | undefined
}

/** What a wire has to say of the other end. The viewer of the wire takes it; none of it throws. */
export interface WireEvents {
  /** Packets can be sent from now. */
  opened(): void
  /** Whatever came from the other end. */
  heard(): void
  arrivals(report: ArrivalReport): void
  /** The share lost (0 to 1) since the last of these. */
  losses(share: number): void
  /** A picture was lost though it had parity. */
  unrepaired(): void
  roundTrip(roundTripMs: number): void
  /** The receiver's own estimate of what it can be sent, in bits a second. */
  receiverLimit(bitrateBps: number): void
  /** Packets of pictures, by their numbers, that are to be sent again. */
  missing(numbers: readonly number[]): void
  /** The other end cannot go on without a key picture. */
  pictureLost(): void
  /** The wire can take more. */
  room(): void
  /** What is sent leaves by another path from now on, of which the controller has heard. */
  moved(): void
  /** The connection is gone; without an error the other end has only moved on. */
  gone(error: Error | undefined): void
}

/**
 * What a wire does for the viewer at its end: everything else (attaching, pacing, adapting, repairing, freezing, telling)
 * is done once, by {@link Viewer}. A wire's folder has `wire.ts` (this), `packets.ts` (units to packets) and `answers.ts`
 * (what comes back).
 */
export interface ViewerWire<Packet extends WirePacket = WirePacket> {
  /** How losses are repaired: sent again when asked for, by parity, by both, or not at all where nothing is lost. */
  readonly repair: 'resend' | 'parity' | 'both' | 'none'
  /** What it means when nothing comes from the other end. */
  readonly silence: SilenceRule
  /** What sound takes of the path before any was sent, in bits a second; 0 without. */
  readonly expectedSoundBps: number
  /** What the path is taken to carry before anything was measured, where the other end has told; in bits a second. */
  readonly startBps?: number
  /** May change when the two ends agree anew. */
  readonly rateKnownBy: RateKnownBy
  /** The other end has something to report on: only then its silence means anything. */
  readonly isOwed: boolean
  /** Shows what a path carries and means nothing; undefined where there is no such packet. */
  readonly padding: Packet | undefined
  takes(codec: VideoCodec): boolean
  readonly takesSound: boolean
  /** Made once for all viewers that get the same: `parityPercent` is one of few, 0 unless `repair` is parity. */
  picturePackets(unit: AccessUnit, parityPercent: number): PicturePackets<Packet>
  soundPacket(unit: AudioUnit): Packet
  /** A picture is taken: what the wire wants to find on its packets, an RTP timestamp for instance. */
  markPicture(unit: AccessUnit): number
  markSound(unit: AudioUnit): number
  /**
   * Where others point (`encodePointers`), as a packet that goes out at once or not at all. Undefined where the wire has a way of its own
   * for it, and has taken that.
   */
  pointersPacket(message: Uint8Array): Packet | undefined
  /** Hands a packet to the path. The bytes it took, 0 when it went nowhere. */
  send(leaving: Leaving<Packet>, nowUs: number): number
  /** Whether the other end reports on packets of this lane. */
  isReported(lane: LaneName): boolean
  /** False while enough is on the way: what waits is better off here, where it can be dropped. */
  hasRoom(path: { readonly targetBps: number; readonly roundTripMs: number }): boolean
  /** Undefined while nobody can be reached. */
  path(): WirePath | undefined
  /** All paths as they stand, where the ends choose among several. */
  overview?(): PathOverview | undefined
  /** Ten times a second, from the opening on: reports and pings of the wire's own. */
  tick(nowUs: number): void
  /** Resolves when the connection is gone. */
  close(end: End): Promise<void>
}

export function usesParity({ repair }: Pick<ViewerWire, 'repair'>): boolean {
  return repair === 'parity' || repair === 'both'
}

export function usesResends({ repair }: Pick<ViewerWire, 'repair'>): boolean {
  return repair === 'resend' || repair === 'both'
}
