import type { VideoCodec } from '../../domain/video-codec.ts'
import type { Intake } from '../../viewer/session-viewer.ts'
import type { Leaving, ViewerWire, WireEvents } from '../../viewer/contract/viewer-wire.ts'
import { readAnswer, type MemoryAnswer } from './answers.ts'
import type { MemoryLink } from './memory-path.ts'
import { padding, type MemoryPacket, type MemoryPackets } from './packets.ts'

/** How a memory wire behaves: as any wire there is, so that what holds on one can be seen on all. */
export interface MemoryManner {
  readonly repair: Exclude<ViewerWire['repair'], 'both'>
  readonly rateKnownBy: ViewerWire['rateKnownBy']
  /** What silence of the other end means. */
  readonly whenSilent: ViewerWire['silence']['outcome']
}

/** A packet on its way to the client. */
export interface MemoryDatagram extends Pick<Leaving<MemoryPacket>, 'lane' | 'packet' | 'number' | 'reportNumber'> {
  /** Of all that were sent to this viewer; undefined for what is no picture. */
  readonly picture: number | undefined
}

export interface MemoryWireOptions {
  readonly manner: MemoryManner
  readonly down: MemoryLink<MemoryDatagram>
  readonly packets: MemoryPackets
  readonly codecs: readonly VideoCodec[]
  readonly audio: boolean
  readonly events: WireEvents
  readonly intake: Intake
  /** For operators; may change while the connection stands. */
  readonly ends: () => { readonly local: string; readonly remote: string }
}

export interface MemoryWire extends ViewerWire<MemoryPacket> {
  /** Something came from the other end. */
  take(answer: MemoryAnswer): void
}

const expectedSoundBps = 145_000

/** A wire in this process. What it is given arrives at the other end by a simulated link, or does not. */
export function openMemoryWire(options: MemoryWireOptions): MemoryWire {
  const { manner, down, packets, events, intake } = options
  const codecs = new Set(options.codecs)
  let isClosed = false

  return {
    repair: manner.repair,
    rateKnownBy: manner.rateKnownBy,
    silence: { openWithinMs: 10_000, answerWithinMs: 4000, limitMs: 3000, outcome: manner.whenSilent },
    expectedSoundBps: options.audio ? expectedSoundBps : 0,
    // It pings, whatever it is sent.
    isOwed: true,
    padding,
    takes: (codec) => codecs.has(codec),
    takesSound: options.audio,
    picturePackets: (unit, parityPercent) => packets.picture(unit, parityPercent),
    soundPacket: (unit) => packets.sound(unit),
    pointersPacket: (message) => ({ kind: 'pointers', message, bytes: message.length + 24, marker: false }),
    markPicture: () => 0,
    markSound: () => 0,
    send({ lane, packet, number, reportNumber, picture }) {
      if (isClosed) return 0
      down.send({ lane, packet, number, reportNumber, picture: picture?.index }, packet.bytes)
      return packet.bytes
    },
    isReported: () => true,
    hasRoom: () => true,
    path: () => ({ path: 'direct', ...options.ends() }),
    tick() {},
    take(answer) {
      if (!isClosed) readAnswer(answer, events, intake)
    },
    async close() {
      isClosed = true
    },
  }
}
