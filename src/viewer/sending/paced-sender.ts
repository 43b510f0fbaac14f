import { RateMeter } from '../../kernel/rate-meter.ts'
import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import type { MediaSink } from '../../media/contract/producer.ts'
import type { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import type { LaneName } from '../../net/pacing/lanes.ts'
import { Pacer, type Departure } from '../../net/pacing/pacer.ts'
import { ResendBuffer } from '../../net/resend/resend-buffer.ts'
import { SentPictures } from './sent-pictures.ts'
import { usesParity, usesResends, type SentPicture, type ViewerWire, type WirePacket } from '../contract/viewer-wire.ts'
import { PayloadShare } from './payload-share.ts'
import type { Pump, Pumped } from './pump.ts'
import { RestMeter } from './rest-meter.ts'

export interface PacedSenderOptions<Packet extends WirePacket> {
  readonly wire: ViewerWire<Packet>
  readonly controller: BitrateController
  readonly pump: Pump
  /** Takes the time from the capture of each picture to its last packet, in milliseconds. */
  readonly captureToPacketMs: { add(durationMs: number): void }
  readonly nowUs: () => number
  /** Of the packets of a picture, in percent. */
  readonly parityPercent: () => number
  /** The queue is too long or too old: only a key picture helps. */
  readonly onBehind: () => void
  /** All packets of a key picture have left. */
  readonly onKeyPictureSent: (nowUs: number) => void
}

/** Turns a watch's pictures and sound into one viewer's packets: paced, repaired and counted, whatever the wire. */
export class PacedSender<Packet extends WirePacket> implements MediaSink, Pumped {
  readonly #options: PacedSenderOptions<Packet>
  readonly #wire: ViewerWire<Packet>
  readonly #pacer = new Pacer<Packet>()
  readonly #resends = new ResendBuffer<Packet>()
  readonly #ledger = new SentPictures()
  readonly #sent = new RateMeter()
  /** Sound and resends. */
  readonly #otherSent = new RateMeter()
  readonly #payload = new PayloadShare()
  readonly #rest = new RestMeter()
  readonly #leaving = {
    lane: 'video' as LaneName,
    // Nobody sees it before a packet has been put there.
    packet: undefined as unknown as Packet,
    number: 0,
    reportNumber: 0,
    picture: undefined as SentPicture | undefined,
    mark: 0,
  }
  #newestNumber = 0
  #newestReport = 0
  /** The picture whose packets leave now, or left last. */
  #leavingPicture: number | undefined
  #muted = false
  #needsKey = false
  #closed = false

  constructor(options: PacedSenderOptions<Packet>) {
    this.#options = options
    this.#wire = options.wire
  }

  video(unit: AccessUnit): void {
    if (this.#closed || this.#muted || !this.#wire.takes(unit.codec)) return
    if (this.#needsKey && !unit.key) return
    this.#needsKey = false
    const { packets, parity } = this.#wire.picturePackets(unit, this.#options.parityPercent())
    if (packets.length === 0) return
    const nowUs = this.#options.nowUs()
    this.#rest.picture(nowUs)
    if (usesParity(this.#wire)) this.#countPayload(unit, packets, parity)
    const mark = this.#wire.markPicture(unit)
    if (this.#pacer.picture({ packets, parity, unit: this.#ledger.next, key: unit.key }, nowUs)) {
      this.#ledger.add(unit, mark)
      this.#send(nowUs)
    } else {
      this.#options.onBehind()
    }
  }

  audio(unit: AudioUnit): void {
    if (this.#closed || !this.#wire.takesSound) return
    const nowUs = this.#options.nowUs()
    this.#pacer.push('audio', this.#wire.soundPacket(unit), this.#wire.markSound(unit), nowUs)
    this.#send(nowUs)
  }

  /** What would have to wait is of no use: more is coming. */
  pointers(message: Uint8Array): void {
    if (this.#closed || !this.#wire.hasRoom(this.#options.controller)) return
    const packet = this.#wire.pointersPacket(message)
    if (!packet) return
    const nowUs = this.#options.nowUs()
    this.#pacer.push('input', packet, 0, nowUs)
    this.#send(nowUs)
  }

  /** Sends again what is asked for, as far as it makes sense. True when only a key picture helps. */
  resend(missing: readonly number[], nowUs: number): boolean {
    const { roundTripMs, targetBps } = this.#options.controller
    const hopeless = this.#resends.answer(missing, { nowUs, roundTripMs, targetBps }, (packet, picture, number) => {
      this.#pacer.resend(packet, picture, number)
    })
    this.#send(nowUs)
    return hopeless
  }

  /** There is room again, and maybe a reason to try whether the path carries more. */
  onAnswer(nowUs: number): void {
    this.#send(nowUs)
    const { padding } = this.#wire
    // Padding stands behind a whole picture, and has its time.
    if (!padding || this.#muted || this.#leavingPicture === undefined || !this.#pacer.idle) return
    const probe = this.#options.controller.beginProbe(nowUs)
    if (!probe) return
    this.#pacer.probe(probe, padding, nowUs)
    this.#options.pump.wake(this)
  }

  pump(nowUs: number): boolean {
    if (this.#closed) return false
    const { controller } = this.#options
    this.#pacer.setRate(controller.pacingBps)
    while (this.#wire.hasRoom(controller)) {
      const departure = this.#pacer.due(nowUs)
      if (!departure) break
      this.#depart(departure, nowUs)
    }
    if (this.#pacer.takeProbeEnd(nowUs)) controller.endProbe(nowUs)
    return !this.#pacer.idle
  }

  /** Forgets the pictures that wait, and those that are on their way here: what comes next begins with a key picture. */
  dropVideo(): void {
    this.#needsKey = true
    this.#pacer.dropVideo()
  }

  /** While muted, pictures are not sent: the other end hears nothing of them. Sound goes on, to find out when it does. */
  set muted(muted: boolean) {
    this.#muted = muted
    if (muted) this.dropVideo()
  }

  /** Everything that is sent now, in bits a second. */
  sentBps(nowUs: number): number {
    return this.#sent.bitsPerSecond(nowUs)
  }

  /** Sound and resends, in bits a second. */
  otherBps(nowUs: number): number {
    return this.#otherSent.bitsPerSecond(nowUs)
  }

  /** How much of what goes over the wire for pictures is the pictures themselves; undefined where that is not counted. */
  get payloadShare(): number | undefined {
    return this.#payload.value
  }

  /** Time in which no picture was due, in all, in milliseconds. */
  restMs(nowUs: number): number {
    return this.#rest.restMs(nowUs)
  }

  close(): void {
    this.#closed = true
    this.#options.pump.remove(this)
  }

  #countPayload({ data }: AccessUnit, ...packets: readonly (readonly Packet[])[]): void {
    let wireBytes = 0
    for (const some of packets) for (const { bytes } of some) wireBytes += bytes
    this.#payload.add(data.length, wireBytes, this.#options.controller.targetBps)
  }

  #send(nowUs: number): void {
    if (this.pump(nowUs)) this.#options.pump.wake(this)
  }

  #depart({ lane, packet, unit, number: resent }: Departure<Packet>, nowUs: number): void {
    const isNumbered = lane === 'video' || lane === 'parity' || lane === 'probing'
    const ofPicture = isNumbered || lane === 'resend'
    const picture = ofPicture ? this.#ledger.get(unit) : undefined
    if (ofPicture && !picture) return
    const number = isNumbered ? this.#newestNumber + 1 : resent
    if (lane === 'video') {
      if (picture?.key === true && this.#leavingPicture !== unit) this.#resends.onKeyframe(number)
      this.#leavingPicture = unit
    }
    const isReported = this.#wire.isReported(lane)
    const leaving = this.#leaving
    leaving.lane = lane
    leaving.packet = packet
    leaving.number = number
    leaving.reportNumber = isReported ? this.#newestReport + 1 : 0
    leaving.picture = picture
    leaving.mark = unit
    if (isNumbered) this.#newestNumber = number
    const bytes = this.#wire.send(leaving, nowUs)
    if (bytes === 0) return
    if (isReported) this.#options.controller.onSent(++this.#newestReport, bytes, nowUs)
    this.#sent.add(bytes, nowUs)
    if (lane === 'audio' || lane === 'resend') this.#otherSent.add(bytes, nowUs)
    if (isNumbered && usesResends(this.#wire)) this.#resends.onSent(number, packet, unit, nowUs)
    if (lane === 'video' && packet.marker && picture) this.#pictureSent(picture, nowUs)
  }

  #pictureSent({ key, captureUs }: SentPicture, nowUs: number): void {
    this.#options.captureToPacketMs.add((nowUs - captureUs) / 1000)
    if (key) this.#options.onKeyPictureSent(nowUs)
  }
}
