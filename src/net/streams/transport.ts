import { Ending, type Closable, type End } from '../../kernel/ending.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { decodeDatagram } from '../../wire/native-frames/decode-frames.ts'
import { DatagramWriter } from '../../wire/native-frames/encode-frames.ts'
import type { ArrivalsFrame, DatagramKind, Frame } from '../../wire/native-frames/frame.ts'
import { WireError } from '../../wire/wire-error.ts'
import { ArrivalRecorder } from '../congestion/arrival-recorder.ts'
import type { BitrateController } from '../congestion/bitrate-controller.ts'
import { Acknowledging } from './acknowledging.ts'
import type { ByteStream } from './byte-stream.ts'
import type { DatagramChannel, TransportEvents } from './datagram-channel.ts'
import { LossRecovery } from './loss-recovery.ts'
import { ReportTiming } from './report-timing.ts'
import { SendingBudget } from './sending-budget.ts'
import { StreamError } from './stream-error.ts'
import { Streams, type Said } from './streams.ts'

export interface TransportOptions {
  readonly channel: DatagramChannel
  readonly clock: Clock
  readonly isCaller: boolean
  readonly events: TransportEvents
  /** The one that decides for everything that is sent here, pictures included. */
  readonly controller: BitrateController
  /** What the handshake took; 100 unless known. */
  readonly firstRoundTripMs?: number
}

/** IP, UDP, and the seal. */
const overheadBytes = 28 + 32
/** Arrivals of one datagram: four bytes each at most, within a second or so. */
const reportedAtOnce = 200
/** While datagrams leave, how long the path takes is asked for this often. */
const pingEveryMs = 1000
const pollEveryMs = 100
/** Streams have so much on the way at least, and otherwise what the path carries in a round trip and this. */
const leastWindowBytes = 10 * 1200
const windowSlackMs = 100
/** Of ranges far apart. */
const mostAckBytes = 200
const datagramHeadBytes = 3
/** Numbers of one request: eight bytes each at most, where all of them are far apart. */
const askedAtOnce = 100

/** Reliable streams and datagrams of several kinds over one encrypted channel, with one congestion controller for all of them. */
export class Transport implements Closable {
  readonly closed: Promise<End>
  readonly controller: BitrateController
  readonly #options: TransportOptions
  readonly #writer: DatagramWriter
  readonly #streams: Streams
  readonly #recovery: LossRecovery<readonly Said[]>
  readonly #acknowledging = new Acknowledging()
  readonly #arrivals = new ArrivalRecorder()
  readonly #budget = new SendingBudget()
  readonly #ending: Ending
  #number = 0
  /** Probes that go whatever the window says. */
  #probes = 0
  #reports: ArrivalsFrame[] = []
  readonly #reportTiming = new ReportTiming()
  #pingedMs = -Infinity
  #polledMs = -Infinity
  #otherSentMs = -Infinity
  #timer: Timer | undefined
  #timerMs = Infinity
  #isFlushing = false

  constructor(options: TransportOptions) {
    const { channel, isCaller, events, controller } = options
    this.#options = options
    this.controller = controller
    this.#writer = new DatagramWriter(channel.maxBytes)
    this.#streams = new Streams({ isCaller, onOpened: (stream) => events.stream(stream), wake: () => this.#wake() })
    this.#recovery = new LossRecovery({ firstRoundTripMs: options.firstRoundTripMs ?? 100 })
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    channel.onDatagram = (bytes) => this.#take(bytes)
    if (channel.way !== undefined) controller.begins(channel.way)
    channel.onPathChange = (way) => {
      this.controller.onPathChange(way)
      this.#reportTiming.onPathChange()
      // What was said by the path before may be lost: it waits for no answer any more.
      this.#probe(this.#recovery.onPathChange().probes)
      this.#wake()
      events.moved?.()
    }
    void channel.closed.then(({ cause, reason }) => this.#ending.close(reason === '' ? cause : `${cause}: ${reason}`))
  }

  /** Smoothed; undefined before it was measured. */
  get roundTripMs(): number | undefined {
    return this.#recovery.roundTrip.smoothedMs
  }

  /** The longest data of one datagram. */
  get maxDatagramBytes(): number {
    return this.#options.channel.maxBytes - 8 - datagramHeadBytes
  }

  /** Throws StreamError `too-many` or `closed`. `bulk` ones wait for everything else, pictures included. */
  openStream({ bulk = false }: { readonly bulk?: boolean } = {}): ByteStream {
    return this.#streams.open(bulk)
  }

  /**
   * Sends a datagram at once: whoever has many of them paces them. `more` goes behind `data`. The bytes that it takes of the path, 0
   * when it did not leave. Throws WireError `too-long` for more than {@link maxDatagramBytes}.
   */
  send(kind: DatagramKind, data: Uint8Array, more?: Uint8Array): number {
    if (this.#ending.begun) return 0
    this.#begin(data.length + (more?.length ?? 0) + datagramHeadBytes)
    this.#writer.datagram(kind, data, more)
    return this.#sendOther()
  }

  /** Bytes that mean nothing. */
  pad(bytes: number): number {
    if (this.#ending.begun) return 0
    this.#begin(bytes)
    this.#writer.frame({ type: 'padding', bytes: Math.min(bytes, this.#writer.room) })
    return this.#sendOther()
  }

  /** Asks for packets of pictures again, in any order. */
  askAgain(numbers: readonly number[]): void {
    if (this.#ending.begun) return
    this.#begin(1000)
    // Those of a picture that came whole after a later one are smaller.
    const inOrder = [...new Set(numbers)].toSorted((a, b) => a - b)
    this.#writer.frame({ type: 'missing', numbers: inOrder.slice(0, askedAtOnce) })
    this.#sendOther()
  }

  askForKey(): void {
    if (this.#ending.begun) return
    this.#begin()
    this.#writer.frame({ type: 'key-wanted' })
    this.#sendOther()
  }

  close(reason = 'closed'): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #release(end: End): Promise<void> {
    this.#timer?.cancel()
    const { channel } = this.#options
    const isBroken = end.kind === 'error'
    const reason = isBroken ? messageOf(end.error) : end.reason
    channel.close(isBroken ? 'protocol-violation' : 'closed', reason)
    this.#streams.end(new StreamError('closed', `What carries the stream has ended: ${reason}`))
    await channel.closed
  }

  #take(bytes: Uint8Array): void {
    if (this.#ending.begun) return
    const nowMs = this.#options.clock.nowMs()
    try {
      const { number, frames } = decodeDatagram(bytes)
      if (!this.#acknowledging.isNew(number)) return
      let isKept = true
      let isOwed = false
      let isReported = false
      for (const frame of frames) {
        if (!this.#takeFrame(frame, nowMs)) isKept = false
        if (this.#ending.begun) return
        if (isReliable(frame)) isOwed = true
        if (frame.type !== 'acknowledged' && frame.type !== 'arrivals') isReported = true
      }
      if (!isKept) return
      this.#acknowledging.onTaken(number, isOwed, nowMs)
      this.#arrivals.onReceived(number, nowMs * 1000)
      if (isReported) this.#reportTiming.onTaken(nowMs)
    } catch (error) {
      if (!(error instanceof WireError) && !(error instanceof StreamError)) throw error
      void this.#ending.fail(error)
      return
    }
    this.#flush()
  }

  #takeFrame(frame: Frame, nowMs: number): boolean {
    const { events } = this.#options
    switch (frame.type) {
      case 'padding':
      case 'ping':
        return true
      case 'acknowledged':
        this.#onAcknowledged(frame, nowMs)
        return true
      case 'arrivals':
        this.controller.onArrivals(frame, nowMs * 1000)
        events.reported()
        return true
      case 'missing':
        events.missing(frame.numbers)
        return true
      case 'key-wanted':
        events.keyWanted()
        return true
      case 'datagram':
        events.datagram(frame.kind, frame.data)
        return true
      default:
        return this.#streams.take(frame)
    }
  }

  #onAcknowledged({ ranges, delayUs }: Extract<Frame, { type: 'acknowledged' }>, nowMs: number): void {
    const largest = ranges[0]?.last ?? 0
    if (largest > this.#recovery.newestSent) {
      throw new StreamError('violation', 'A datagram was acknowledged that was never sent')
    }
    const before = this.#recovery.roundTrip.measured
    const { acknowledged, lost, isPersistent } = this.#recovery.onAcknowledged(ranges, delayUs / 1000, nowMs)
    const { latestMs, measured } = this.#recovery.roundTrip
    if (measured > before && latestMs !== undefined) this.controller.onRoundTrip(latestMs)
    for (const all of acknowledged) for (const said of all) this.#streams.onAcknowledged(said)
    for (const all of lost) for (const said of all) this.#streams.onLost(said)
    if (isPersistent) this.controller.onPersistentLoss(nowMs * 1000)
  }

  #wake(): void {
    if (!this.#isFlushing && !this.#ending.begun) this.#flush()
  }

  /** Sends all that may leave now, the most urgent first, and sees to it that the rest does later. */
  #flush(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    try {
      while (this.#sendNext());
    } finally {
      this.#isFlushing = false
    }
    this.#arm()
  }

  #sendNext(): boolean {
    if (this.#ending.begun) return false
    const nowMs = this.#options.clock.nowMs()
    this.#gatherReports(nowMs)
    const stream = this.#turn(nowMs)
    const isAckDue = nowMs >= this.#acknowledging.dueMs
    if (stream === undefined && !isAckDue && this.#reports.length === 0 && this.#probes === 0) return false
    this.#begin()
    const report = this.#reports.shift()
    if (report) this.#writer.frame(report)
    const said: Said[] = []
    if (stream) this.#streams.say(this.#writer, stream === 'bulk', said)
    if (this.#probes > 0) {
      this.#probes--
      if (said.length === 0) {
        this.#writer.frame({ type: 'ping' })
        said.push({ of: 'ping' })
      }
    }
    const bytes = this.#leave(said.length > 0 ? said : undefined)
    this.#budget.onStreamSent(bytes)
    return bytes > 0
  }

  /** Which streams may send now. */
  #turn(nowMs: number): 'urgent' | 'bulk' | undefined {
    const { targetBps, roundTripMs } = this.controller
    this.#budget.refill(targetBps, nowMs * 1000)
    const windowBytes = Math.max(leastWindowBytes, (targetBps * (roundTripMs + windowSlackMs)) / 8000)
    const hasRoom = this.#recovery.bytesInFlight < windowBytes
    if (this.#streams.wants(false) && (this.#probes > 0 || (hasRoom && this.#budget.isOpen(false)))) return 'urgent'
    if (this.#streams.wants(true) && (this.#probes > 0 || (hasRoom && this.#budget.isOpen(true)))) return 'bulk'
    return undefined
  }

  #gatherReports(nowMs: number): void {
    if (nowMs < this.#reportTiming.dueMs) return
    this.#reportTiming.onTold()
    for (let report = this.#arrivals.take(); report; report = this.#arrivals.take()) {
      const arrivalsUs = Array.from(report.arrivalsUs)
      for (let at = 0; at < arrivalsUs.length; at += reportedAtOnce) {
        const part = arrivalsUs.slice(at, at + reportedAtOnce)
        if (part.every(Number.isNaN)) continue
        this.#reports.push({ type: 'arrivals', first: report.first + at, arrivalsUs: part })
      }
    }
  }

  /** Begins a datagram that needs so much room, with what is to be acknowledged in front of it where there is more. */
  #begin(neededBytes = 0): void {
    this.#writer.begin(this.#number)
    if (this.#writer.room < neededBytes + mostAckBytes) return
    const acknowledged = this.#acknowledging.take(this.#options.clock.nowMs())
    if (acknowledged) this.#writer.frame(acknowledged)
  }

  #sendOther(): number {
    const bytes = this.#leave(undefined)
    const nowMs = this.#options.clock.nowMs()
    this.#otherSentMs = nowMs
    this.#budget.refill(this.controller.targetBps, nowMs * 1000)
    this.#budget.onOtherSent(bytes)
    if (!this.#isFlushing) this.#arm()
    return bytes
  }

  /** What was written leaves. The bytes it takes of the path. */
  #leave(said: readonly Said[] | undefined): number {
    const nowMs = this.#options.clock.nowMs()
    const { written } = this.#writer
    const bytes = written.length + overheadBytes
    const isGone = this.#options.channel.send(written)
    // What has to arrive is sent again, so that it counts as sent.
    if (!isGone && !said) return 0
    this.#recovery.onSent(this.#number, bytes, said, nowMs)
    this.controller.onSent(this.#number, bytes, nowMs * 1000)
    this.#number++
    return bytes
  }

  /** The timer rings when the next thing is due that nothing else brings about. */
  #arm(): void {
    if (this.#ending.begun) return
    const nowMs = this.#options.clock.nowMs()
    const dueMs = Math.max(nowMs, this.#nextMs(nowMs))
    if (this.#timer && this.#timerMs <= dueMs) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerMs = dueMs
    if (dueMs === Infinity) return
    this.#timer = this.#options.clock.after(dueMs - nowMs, () => {
      this.#timer = undefined
      this.#timerMs = Infinity
      this.#onTimer()
    })
  }

  #nextMs(nowMs: number): number {
    const { targetBps } = this.controller
    const isOut = this.#recovery.deadlineMs !== Infinity || nowMs - this.#otherSentMs < 2 * pingEveryMs
    let dueMs = Math.min(this.#acknowledging.dueMs, this.#reportTiming.dueMs, this.#recovery.deadlineMs)
    if (isOut) dueMs = Math.min(dueMs, Math.max(this.#polledMs + pollEveryMs, nowMs + 1))
    for (const bulk of [false, true]) {
      const waitMs = this.#budget.waitMs(targetBps, bulk)
      // With an open budget it waits for the window, which an acknowledgement opens.
      if (waitMs > 0 && this.#streams.wants(bulk)) dueMs = Math.min(dueMs, nowMs + Math.max(1, waitMs))
    }
    return dueMs
  }

  /** Says so many of what was said first again, whatever the window says. */
  #probe(probes: number): void {
    this.#probes = probes
    for (const all of this.#recovery.oldest(probes)) for (const said of all) this.#streams.onLost(said)
  }

  #onTimer(): void {
    const nowMs = this.#options.clock.nowMs()
    if (nowMs >= this.#recovery.deadlineMs) {
      const { lost, probes } = this.#recovery.onDeadline(nowMs)
      this.#probe(probes)
      for (const all of lost) for (const said of all) this.#streams.onLost(said)
    }
    if (nowMs - this.#polledMs >= pollEveryMs) {
      this.#polledMs = nowMs
      this.controller.poll(nowMs * 1000)
    }
    if (nowMs - this.#pingedMs >= pingEveryMs && nowMs - this.#otherSentMs < pingEveryMs) {
      this.#pingedMs = nowMs
      this.#probes = Math.max(1, this.#probes)
    }
    this.#flush()
  }
}

/** What has to arrive. */
function isReliable({ type }: Frame): boolean {
  switch (type) {
    case 'ping':
    case 'stream':
    case 'reset':
    case 'stop':
    case 'max-data':
    case 'max-stream-data':
    case 'max-streams':
      return true
    default:
      return false
  }
}
