import type { PathOverview } from '../../domain/path-standing.ts'
import type { VideoCodec } from '../../domain/video-codec.ts'
import type { AudioUnit } from '../../media/contract/access-unit.ts'
import type { Transport } from '../../net/streams/transport.ts'
import type { Abilities } from '../../wire/native-frames/abilities.ts'
import { pieceOwnBytes, writePieceNumbers } from '../../wire/native-frames/media-piece.ts'
import type { SilenceRule, ViewerWire, WireEvents, WirePath } from '../contract/viewer-wire.ts'
import { answersTo, type NativeAnswers, type NativeAnswersOptions } from './answers.ts'
import { padding, type NativePacket, type NativePackets } from './packets.ts'

export interface NativeWireOptions extends Pick<NativeAnswersOptions, 'input' | 'voice' | 'nowUs'> {
  /** Open; its controller is the viewer's. */
  readonly transport: Transport
  readonly packets: NativePackets
  /** What the other end can decode. */
  readonly codecs: readonly VideoCodec[]
  readonly audio: boolean
  readonly events: WireEvents
  readonly path: () => WirePath | undefined
  readonly overview?: () => PathOverview | undefined
}

export interface NativeWire extends ViewerWire<NativePacket> {
  /** Where the events of the transport are to go. */
  readonly answers: NativeAnswers
}

/** Arrivals are told of twenty times a second while something comes. */
const silence: SilenceRule = { openWithinMs: 8000, answerWithinMs: 4000, limitMs: 2000, outcome: 'hold' }
const expectedSoundBps = 160_000
/** Sound is sent twice from this share of losses on. */
const doubledAbove = 0.005
/** One packet of Opus behind the other. */
const frameSamples = 480

/** Pictures and sound as datagrams of the native transport, which its own congestion controller counts and hears of. */
export function openNativeWire(options: NativeWireOptions): NativeWire {
  const { transport, packets, audio, events, nowUs, input, voice } = options
  const codecs = new Set(options.codecs)
  const own = new Uint8Array(pieceOwnBytes)
  const numbers = { number: 0, picture: 0 }
  let sentUs = -Infinity
  let heardUs = -Infinity
  let soundBefore: AudioUnit | undefined
  /** As long as the other end has said nothing of it, it is taken for one that knows none. */
  let takesWide = false
  const able = (abilities: Abilities) => void ({ takesWide } = abilities)
  const answers = answersTo({ events, nowUs, input, voice, able, onHeard: () => (heardUs = nowUs()) })
  void transport.closed.then((end) => events.gone(end.kind === 'error' ? end.error : undefined))
  queueMicrotask(() => events.opened())

  const send = ({ kind, data }: NativePacket, number: number, picture: number): number => {
    if (kind === 'padding') return transport.pad(data.length)
    if (kind === 'audio' || kind === 'input') return transport.send(kind, data)
    numbers.number = number
    numbers.picture = picture
    writePieceNumbers(own, numbers)
    return transport.send(kind, own, data)
  }

  return {
    answers,
    repair: 'both',
    silence,
    expectedSoundBps: audio ? expectedSoundBps : 0,
    rateKnownBy: 'arrivals',
    get isOwed() {
      return sentUs > heardUs
    },
    padding,
    takes: (codec) => codecs.has(codec),
    takesSound: audio,
    picturePackets: (unit, parityPercent) => packets.picture(unit, parityPercent, takesWide),
    soundPacket(unit) {
      const isDoubled = transport.controller.lossRatio > doubledAbove
      const follows = soundBefore?.positionSamples === unit.positionSamples - frameSamples
      const before = isDoubled && follows ? soundBefore : undefined
      soundBefore = unit
      return packets.sound(unit, before)
    },
    pointersPacket: (message) => packets.pointers(message),
    markPicture: () => 0,
    markSound: () => 0,
    send({ packet, number, picture }, atUs) {
      const bytes = send(packet, number, picture?.index ?? 0)
      if (bytes > 0) sentUs = atUs
      return bytes
    },
    // The transport counts what it sends by itself.
    isReported: () => false,
    hasRoom: () => transport.controller.hasStartRoom(nowUs()),
    path: options.path,
    ...(options.overview && { overview: options.overview }),
    tick() {},
    // What else is on the channel goes on, and another viewer may come.
    async close() {},
  }
}
