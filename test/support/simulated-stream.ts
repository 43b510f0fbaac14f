import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { BitrateController } from '../../src/net/congestion/bitrate-controller.ts'
import { SimulatedLink, type LinkConditions } from '../../src/net/link/simulated-link.ts'
import { Pacer, type Departure } from '../../src/net/pacing/pacer.ts'
import type { Paceable } from '../../src/net/pacing/packet-ring.ts'
import { ResendBuffer } from '../../src/net/resend/resend-buffer.ts'
import {
  SimulatedViewer,
  type SimulatedAnswer,
  type SimulatedDatagram,
  type SimulatedFrame,
} from './simulated-viewer.ts'

export interface SimulatedStreamOptions {
  readonly seed: number
  /** The way to the viewer; `stream.link.conditions` changes it on the way. */
  readonly link: Partial<LinkConditions>
  readonly backDelayUs?: number
  readonly startBps?: number
  readonly feedbackEveryUs?: number
  /** False when sound is not reported on: then only pictures tell about the path. True unless given. */
  readonly reportsAudio?: boolean
  /** Another stream, whose link this one goes over too. */
  readonly over?: SimulatedStream
}

/** What was measured in one tenth of a second. */
export interface Sample {
  readonly atMs: number
  readonly targetBps: number
  readonly receivedBps: number
  /** The longest time that a packet had to wait before the narrow part. */
  readonly queueMs: number
}

const frameEveryUs = 1e6 / 60
const pacerEveryUs = 5000
const audioPacket: Paceable = { bytes: 180 }
const audioEveryUs = 10_000
const audioBps = 150_000
/** IP, UDP and SRTP. */
const overheadBytes = 28 + 10
const keyframeEveryUs = 300_000
/** An answer as RTCP has it, about. */
const answerBytes = 60
/** A picture may exceed its share by what the encoder's buffer holds, as x264's with 100 ms of VBV. */
const vbvS = 0.1
const padding: Paceable = { bytes: 275 }
const packetBytes = 1184
/** One picture of a screen at rest. */
const restingBytes = 5000
const headerBytes = 20

/**
 * A whole stream in virtual time: an encoder that follows the target as x264 with a small buffer does, sound, pacer,
 * resends, a link, a viewer that reports and asks, and the controller that is to be seen at work.
 */
export class SimulatedStream {
  readonly controller: BitrateController
  readonly link: SimulatedLink<SimulatedDatagram>
  readonly viewer = new SimulatedViewer()
  readonly samples: Sample[] = []
  /** For each packet, when it was sent and how long it had to wait before the narrow part. */
  readonly waits: { readonly atMs: number; readonly waitMs: number }[] = []
  /** What the picture needs now; the encoder does not produce more, and nothing at all when it is 0. */
  contentBps = Infinity
  /** Nothing moves and nothing is heard: there is one picture a second, which is as small as what it shows is little. */
  isAtRest = false
  /** How often pictures were given up before they were sent. */
  resyncs = 0
  keyframes = 0
  resends = 0
  probes = 0
  readonly #feedbackEveryUs: number
  readonly #reportsAudio: boolean
  readonly #back: SimulatedLink<SimulatedAnswer>
  readonly #pacer = new Pacer<Paceable>()
  readonly #resendBuffer = new ResendBuffer<Paceable>()
  readonly #random: () => number
  readonly #frames = new Map<number, SimulatedFrame>()
  #nowUs = 0
  #nextFrameUs = 0
  #frameNumber = 0
  #lastSentFrame: SimulatedFrame | undefined
  #sent = 0
  #videoSent = 0
  #wantsKeyframe = true
  /** Nothing but a key picture is of use. */
  #mustBeKey = true
  #keyframeUs = -Infinity
  #vbvBytes = 0
  #receivedBytes = 0
  #longestWaitMs = 0

  constructor(options: SimulatedStreamOptions) {
    this.#feedbackEveryUs = options.feedbackEveryUs ?? 50_000
    this.#reportsAudio = options.reportsAudio ?? true
    this.controller = new BitrateController(options.startBps === undefined ? {} : { startBps: options.startBps })
    this.link = options.over?.link ?? new SimulatedLink(options.link, options.seed)
    this.#back = new SimulatedLink({ delayUs: options.backDelayUs ?? options.link.delayUs ?? 0 }, options.seed + 1)
    this.#random = seededRandom(options.seed + 2)
  }

  get nowMs(): number {
    return this.#nowUs / 1000
  }

  /** Lets `durationMs` pass. */
  run(durationMs: number): void {
    const endUs = this.#nowUs + durationMs * 1000
    while (this.#nowUs < endUs) {
      this.#nowUs += 1000
      this.#receive()
      this.#produce()
      if (this.#isTime(pacerEveryUs) || this.#pacer.empty) this.#send()
      if (this.#isTime(100_000)) {
        this.controller.poll(this.#nowUs)
        this.#beginProbe()
        this.#sample()
      }
    }
  }

  /** Samples taken from `fromMs` up to `toMs`. */
  between(fromMs: number, toMs: number): Sample[] {
    return this.samples.filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
  }

  #isTime(periodUs: number): boolean {
    return this.#nowUs % periodUs === 0
  }

  #receive(): void {
    for (let next = this.link.receive(this.#nowUs); next; next = this.link.receive(this.#nowUs)) {
      next.datagram.viewer.onDatagram(next.datagram, next.arrivalUs)
    }
    const answers = this.#isTime(this.#feedbackEveryUs) ? this.viewer.reports() : []
    const request = this.#isTime(5000) ? this.viewer.request(this.#nowUs, this.controller.roundTripMs) : undefined
    if (request) answers.push(request)
    for (const answer of answers) this.#back.send(answer, answerBytes + overheadBytes, this.#nowUs)
    for (let next = this.#back.receive(this.#nowUs); next; next = this.#back.receive(this.#nowUs)) {
      this.#onAnswer(next.datagram)
    }
  }

  #onAnswer(answer: SimulatedAnswer): void {
    if (answer.type === 'arrivals') this.controller.onArrivals(answer.report, this.#nowUs)
    else if (answer.type === 'picture-lost') this.#wantsKeyframe = true
    else this.#onMissing(answer.numbers)
  }

  #onMissing(missing: readonly number[]): void {
    const { roundTripMs, targetBps } = this.controller
    const isHopeless = this.#resendBuffer.answer(
      missing,
      { nowUs: this.#nowUs, roundTripMs, targetBps },
      (packet, frame, number) => {
        this.resends++
        this.#pacer.resend(packet, frame, number)
      },
    )
    if (isHopeless) this.#wantsKeyframe = true
  }

  #produce(): void {
    if (this.#isTime(audioEveryUs) && !this.isAtRest) {
      this.#pacer.push('audio', audioPacket, 0, this.#nowUs)
      this.#send()
    }
    if (this.#nowUs < this.#nextFrameUs) return
    this.#nextFrameUs = this.isAtRest
      ? this.#nowUs + 1e6
      : Math.max(this.#nextFrameUs, this.#nowUs - frameEveryUs) + frameEveryUs
    const key = this.#wantsKeyframe && this.#nowUs - this.#keyframeUs > keyframeEveryUs
    const bytes = this.#encode(key)
    if (bytes === 0) return
    const packets = packetsOf(bytes)
    const frame = { number: this.#frameNumber, key, packets: packets.length, capturedUs: this.#nowUs }
    if (!this.#pacer.picture({ packets, parity: [], unit: frame.number, key }, this.#nowUs)) {
      this.resyncs++
      this.#wantsKeyframe = true
      this.#mustBeKey = true
      return
    }
    this.#frames.set(this.#frameNumber++, frame)
    this.#send()
  }

  /** The size of a picture: its share of the rate, more or less, within a buffer that fills at the rate. */
  #encode(key: boolean): number {
    const bytesPerS = Math.max(0, Math.min(this.controller.targetBps - audioBps, this.contentBps)) / 8
    this.#vbvBytes = Math.min(bytesPerS * vbvS, this.#vbvBytes + bytesPerS / 60)
    if (this.contentBps === 0 || (this.#mustBeKey && !key)) return 0
    const wanted = this.isAtRest
      ? restingBytes
      : key
        ? bytesPerS * vbvS
        : (bytesPerS / 60) * (0.6 + 0.8 * this.#random())
    const bytes = Math.max(100, Math.min(wanted, this.#vbvBytes))
    this.#vbvBytes -= bytes
    if (key) {
      this.keyframes++
      this.#wantsKeyframe = false
      this.#mustBeKey = false
      this.#keyframeUs = this.#nowUs
    }
    return bytes
  }

  #beginProbe(): void {
    const probe = this.controller.beginProbe(this.#nowUs)
    if (!probe) return
    this.probes++
    this.#pacer.probe(probe, padding, this.#nowUs)
  }

  #send(): void {
    this.#pacer.setRate(this.controller.pacingBps)
    for (let next = this.#pacer.due(this.#nowUs); next; next = this.#pacer.due(this.#nowUs)) this.#depart(next)
    if (this.#pacer.takeProbeEnd(this.#nowUs)) this.controller.endProbe(this.#nowUs)
  }

  #depart(departure: Departure<Paceable>): void {
    const { lane, packet } = departure
    const { bytes } = packet
    const number = lane === 'audio' && !this.#reportsAudio ? undefined : this.#number(bytes)
    const waitMs = this.link.queueUs(this.#nowUs) / 1000
    this.waits.push({ atMs: this.#nowUs / 1000, waitMs })
    this.#longestWaitMs = Math.max(this.#longestWaitMs, waitMs)
    const video = lane === 'video' || lane === 'resend' ? this.#videoOf(departure) : undefined
    this.link.send({ viewer: this.viewer, number, bytes, video }, bytes + overheadBytes, this.#nowUs)
  }

  #number(bytes: number): number {
    const number = this.#sent++
    this.controller.onSent(number, bytes, this.#nowUs)
    return number
  }

  #videoOf({ packet, unit, number: resent }: Departure<Paceable>): SimulatedDatagram['video'] {
    const frame = this.#frames.get(unit) as SimulatedFrame
    if (resent >= 0) return { number: resent, frame }
    const number = this.#videoSent++
    this.#resendBuffer.onSent(number, packet, unit, this.#nowUs)
    if (frame.key && this.#lastSentFrame !== frame) this.#resendBuffer.onKeyframe(number)
    this.#lastSentFrame = frame
    return { number, frame }
  }

  #sample(): void {
    this.samples.push({
      atMs: this.#nowUs / 1000,
      targetBps: this.controller.targetBps,
      receivedBps: (this.viewer.receivedBytes - this.#receivedBytes) * 80,
      queueMs: this.#longestWaitMs,
    })
    this.#receivedBytes = this.viewer.receivedBytes
    this.#longestWaitMs = 0
  }
}

function packetsOf(bytes: number): Paceable[] {
  const count = Math.ceil(bytes / (packetBytes - headerBytes))
  return Array.from({ length: count }, () => ({ bytes: Math.ceil(bytes / count) + headerBytes }))
}
