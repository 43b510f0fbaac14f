import type { AccessUnit, AudioUnit } from '../../../media/access-unit.ts'
import type { VideoCodec } from '../../../domain/video-codec.ts'
import type { PointerBatch } from '../../../domain/player.ts'
import type { DurationWindow } from '../../../kernel/duration-window.ts'
import type { MediaSink } from '../../../media/producer.ts'
import type { BitrateController } from '../../../net/congestion/bitrate-controller.ts'
import { Pacer } from '../../../net/pacing/pacer.ts'
import type { GatewayCounters } from '../../../viewer/gateway-counters.ts'
import type { Pump, Pumped } from '../../../viewer/sending/pump.ts'
import { RateMeter } from '../../../kernel/rate-meter.ts'
import { padding, type MessageCache, type SharedMessage } from './message-cache.ts'
import { MessagesOnTheWay } from './messages-on-the-way.ts'

export interface WebMediaSenderOptions {
  readonly codecs: ReadonlySet<VideoCodec>
  readonly controller: BitrateController
  readonly cache: MessageCache
  readonly pump: Pump
  readonly counters: GatewayCounters
  /** Takes the time from the capture of each picture to its last message, in milliseconds. */
  readonly captureToPacketMs: DurationWindow
  readonly nowUs: () => number
  /** Hands a message to the socket. False when it is gone. */
  readonly write: (message: SharedMessage) => boolean
  /** The queue is too long or too old: only a key picture helps. */
  readonly onBehind: () => void
  readonly onKeyPictureSent: (nowUs: number) => void
}

/** What may be on the way beyond the round trip, as time at the target: the client's acknowledgements come in bunches. */
const slackMs = 120
const leastWindowBytes = 32 * 1024

/**
 * Turns a watch's pictures and sound into the messages of one media socket. What is on the way is bounded by what the
 * path carries in about a round trip, by the client's word and not by the kernel's buffers: so nothing that is sent
 * stands behind more than that, and what has to wait waits here, where it can still be dropped.
 */
export class WebMediaSender implements MediaSink, Pumped {
  readonly #options: WebMediaSenderOptions
  readonly #pacer = new Pacer<SharedMessage>()
  readonly #onTheWay: MessagesOnTheWay
  readonly #sent = new RateMeter()
  readonly #audioSent = new RateMeter()
  #closed = false

  constructor(options: WebMediaSenderOptions) {
    this.#options = options
    this.#onTheWay = new MessagesOnTheWay(options.controller)
  }

  /** Messages that the client has not told of. */
  get unacknowledged(): number {
    return this.#onTheWay.count
  }

  video(unit: AccessUnit): void {
    if (this.#closed || !this.#options.codecs.has(unit.codec)) return
    const messages = this.#options.cache.video(unit)
    if (messages.length === 0) return
    const nowUs = this.#options.nowUs()
    if (this.#pacer.picture({ packets: messages, parity: [], unit: 0, key: unit.key }, nowUs)) this.#send(nowUs)
    else this.#options.onBehind()
  }

  audio(unit: AudioUnit): void {
    if (this.#closed) return
    const nowUs = this.#options.nowUs()
    this.#pacer.push('audio', this.#options.cache.audio(unit), 0, nowUs)
    this.#send(nowUs)
  }

  /** Where others point. What has to wait is of no use: more is coming. */
  pointers(batch: PointerBatch): void {
    const nowUs = this.#options.nowUs()
    if (!this.#closed && this.#hasRoom()) this.#write(this.#options.cache.pointers(batch), nowUs)
  }

  /** When the next messages arrived, by the client's clock. False when the client cannot know. */
  receipt(arrivalsUs: readonly number[], nowUs: number): boolean {
    if (!this.#onTheWay.onReceipt(arrivalsUs, nowUs)) return false
    this.#send(nowUs)
    this.#probe(nowUs)
    return true
  }

  pump(nowUs: number): boolean {
    if (this.#closed) return false
    this.#leave(nowUs)
    if (this.#pacer.takeProbeEnd(nowUs)) this.#options.controller.endProbe(nowUs)
    return !this.#pacer.idle
  }

  /** Forgets the pictures that wait. */
  dropVideo(): void {
    this.#pacer.dropVideo()
  }

  /** Everything that is sent now, in bits a second. */
  sentBps(nowUs: number): number {
    return this.#sent.bitsPerSecond(nowUs)
  }

  /** What is not pictures. */
  otherBps(nowUs: number): number {
    return this.#audioSent.bitsPerSecond(nowUs)
  }

  close(): void {
    this.#closed = true
    this.#options.pump.remove(this)
  }

  #send(nowUs: number): void {
    if (this.pump(nowUs)) this.#options.pump.wake(this)
  }

  #leave(nowUs: number): void {
    this.#pacer.setRate(this.#options.controller.pacingBps)
    while (this.#hasRoom()) {
      const departure = this.#pacer.due(nowUs)
      if (!departure || !this.#write(departure.packet, nowUs)) return
    }
  }

  /** Tries whether the path carries more, where that is of use. */
  #probe(nowUs: number): void {
    if (!this.#pacer.idle) return
    const probe = this.#options.controller.beginProbe(nowUs)
    if (!probe) return
    this.#pacer.probe(probe, padding, nowUs)
    this.#options.pump.wake(this)
  }

  /** Little enough is on the way for one message more. */
  #hasRoom(): boolean {
    const { targetBps, roundTripMs } = this.#options.controller
    const windowBytes = Math.max(leastWindowBytes, (targetBps / 8000) * (roundTripMs + slackMs))
    return this.#onTheWay.bytes < windowBytes && !this.#onTheWay.isFull
  }

  #write(message: SharedMessage, nowUs: number): boolean {
    const { write, counters, captureToPacketMs, onKeyPictureSent } = this.#options
    if (!write(message)) return false
    const { bytes } = message
    this.#onTheWay.onSent(bytes, nowUs)
    counters.webBytesSent += bytes
    this.#sent.add(bytes, nowUs)
    if (message.label === 'sound') this.#audioSent.add(bytes, nowUs)
    const { ends } = message
    if (ends) captureToPacketMs.add((nowUs - ends.captureUs) / 1000)
    if (ends?.key) onKeyPictureSent(nowUs)
    return true
  }
}
