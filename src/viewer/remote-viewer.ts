import type { PointerBatch } from '../domain/player.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import { Ending, type End } from '../kernel/ending.ts'
import type { AccessUnit, AudioUnit } from '../media/contract/access-unit.ts'
import type { VoiceUnit } from '../media/contract/voice.ts'
import type { Order, Report } from './link/messages.ts'
import type { ViewerStreams } from './link/viewer-streams.ts'
import type { SendingEnd } from './sending-end.ts'
import { ViewerError } from './contract/viewer-error.ts'
import type { ViewerEvents } from './contract/viewer-events.ts'
import type { ViewerRun } from './viewer-run.ts'
import type { StreamTerms } from './moonlight/stream-terms.ts'
import type { PeerOffer, PeerTransport } from './webrtc/peer-offer.ts'

/** What a viewer is to be sent, and how it is reached. */
export interface ViewerRequest {
  /** Whose packets these will be. */
  readonly memberId: string
  readonly wire:
    | { readonly kind: 'webrtc'; readonly offer: PeerOffer; readonly streams: ViewerStreams }
    | { readonly kind: 'moonlight'; readonly terms: StreamTerms }
    | {
        readonly kind: 'native'
        /** Of the process in which the channel is. */
        readonly channel: number
        readonly codecs: readonly VideoCodec[]
        readonly audio: boolean
      }
  /** The most that the viewer wants, 0 for no limit of its own. */
  readonly limitBps: number
}

/** What a viewer of the process has to say. None of it is called after its end has begun. */
export interface RemoteViewerEvents extends ViewerEvents, Partial<PeerEvents> {
  /** The Moonlight client has come, and proved that it has the key. */
  recognised?(): void
  input(channelId: number, message: Uint8Array | string): void
  voice(unit: VoiceUnit): void
  /** The client broke the protocol. */
  fault(code: string, message: string): void
  /** What the client and this host have said to each other; after the end has begun as well. */
  recording?(recording: string): void
}

/** What is said of a peer connection alone. */
export interface PeerEvents {
  described(transport: PeerTransport): void
  localCandidate(candidate: string): void
  /** There are no more candidates. */
  gathered(): void
  /** On a channel that the client has opened. */
  text(text: string): void
}

/** A process that is just being started again is waited for. */
const processLimitMs = 5000
/** A peer connection ends within milliseconds; after this it is not waited for any more. */
const goodbyeMs = 3000

/**
 * The server's end of a viewer that lives in the viewer process. It ends by `close()`, or with a ViewerError: `peer-failed`
 * when the other end is gone, `process-lost` when the process is.
 */
export class RemoteViewer implements SendingEnd {
  readonly id: number
  readonly memberId: string
  readonly closed: Promise<End>
  #wire: ViewerRequest['wire']
  readonly #events: RemoteViewerEvents
  readonly #clock: Clock
  readonly #ending: Ending
  readonly #gone = Promise.withResolvers<void>()
  #waitsForProcess: Timer
  /** What was said while there was no process. */
  #early: string[] = []
  #limitBps: number
  #run: ViewerRun | undefined
  #isDescribed = false
  /** The last unit that it got without the server, and which comes next there by itself. */
  #flowing: AccessUnit | undefined
  #isTriedAgain = false

  constructor(options: { id: number; request: ViewerRequest; events: RemoteViewerEvents; clock: Clock }) {
    const { id, request, events, clock } = options
    this.id = id
    this.memberId = request.memberId
    this.#wire = request.wire
    this.#events = events
    this.#clock = clock
    this.#limitBps = request.limitBps
    this.#waitsForProcess = this.#waitForProcess()
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
  }

  /** The process is not keeping up: pictures that are given now are dropped. */
  get congested(): boolean {
    return this.#run?.congested === true
  }

  /** There is a process to live in. */
  processUp(run: ViewerRun): void {
    if (this.#ending.begun || this.#run) return
    this.#run = run
    this.#waitsForProcess.cancel()
    run.send(this.#openOrder())
    for (const candidate of this.#early.splice(0)) this.candidate(candidate)
  }

  /** The process has ended, or none comes. */
  processDown(reason: string): void {
    const hadOne = this.#run !== undefined
    this.#run = undefined
    this.#flowing = undefined
    // The channel of a native one is gone with its process.
    const isTried = this.#isDescribed || this.#isTriedAgain || this.#wire.kind === 'native'
    if (hadOne && !isTried && !this.#ending.begun) {
      // Nothing has been answered yet: the next process can do that as well, unless it is the offer that ends them.
      this.#isTriedAgain = true
      this.#waitsForProcess = this.#waitForProcess()
      return
    }
    this.#gone.resolve()
    void this.#ending.fail(new ViewerError('process-lost', `The viewer process is lost: ${reason}`))
  }

  get link(): number | undefined {
    return this.#run?.link
  }

  /** One that went to the inlet flows by itself where the one before it did: nothing is to be said then. */
  video(unit: AccessUnit): void {
    const run = this.#run
    if (this.#ending.begun || !run) return
    const { flow, width, height } = unit
    if (!flow || run.link === undefined || !flow.links.includes(run.link)) {
      this.halt()
      return run.units.video(unit, this.id)
    }
    const before = this.#flowing
    this.#flowing = unit
    if (before && follows(unit, before)) return
    const { media, source, rendition, number: from } = flow
    run.send({ type: 'route', viewer: this.id, media, source, rendition, from, width, height })
  }

  halt(): void {
    if (!this.#flowing) return
    this.#flowing = undefined
    if (!this.#ending.begun) this.#run?.send({ type: 'halt', viewer: this.id })
  }

  audio(unit: AudioUnit): void {
    if (!this.#ending.begun) this.#run?.units.audio(unit, this.id)
  }

  pointers(batch: PointerBatch): void {
    if (!this.#ending.begun && !this.congested) this.#run?.units.pointers(batch, this.id)
  }

  /** A candidate of the other end, as `readCandidate` gives it. */
  candidate(candidate: string): void {
    if (this.#ending.begun) return
    if (this.#run) this.#run.send({ type: 'candidate', viewer: this.id, candidate })
    else this.#early.push(candidate)
  }

  limit(bitrateBps: number): void {
    this.#limitBps = bitrateBps
    this.#run?.send({ type: 'limit', viewer: this.id, bitrateBps })
  }

  /** What a Moonlight client's player is to feel on a pad: 0 to 1 for the slow and the fast motor, until the next. */
  rumble(pad: number, strong: number, weak: number): void {
    this.#run?.send({ type: 'rumble', viewer: this.id, pad, strong, weak })
  }

  /** The two ends of a peer connection have agreed on other streams. */
  configure(streams: ViewerStreams): void {
    if (this.#wire.kind === 'webrtc') this.#wire = { ...this.#wire, streams }
    this.#run?.send({ type: 'streams', viewer: this.id, streams: forOrder(streams) })
  }

  /** Takes what the process says of it. */
  hear(report: Extract<Report, { viewer: number }>): void {
    if (report.type === 'ended') {
      this.#gone.resolve()
      return void this.#ending.fail(new ViewerError('peer-failed', report.reason))
    }
    // How it went is worth knowing also of one that is being closed.
    if (report.type === 'observed') return this.#events.observed(report.observation)
    if (report.type === 'recording') return this.#events.recording?.(report.recording)
    if (this.#ending.begun) return
    switch (report.type) {
      case 'described':
        this.#isDescribed = true
        return this.#events.described?.(report.transport)
      case 'recognised':
        this.#isDescribed = true
        return this.#events.recognised?.()
      case 'local-candidate':
        return this.#events.localCandidate?.(report.candidate)
      case 'gathered':
        return this.#events.gathered?.()
      case 'opened':
        return this.#events.opened(report.bitrateBps)
      case 'bitrate':
        return this.#events.bitrate(report.bitrateBps)
      case 'keyframe':
        return this.#events.keyframe()
      case 'resync':
        return this.#events.resync()
      case 'statistics':
        return this.#events.statistics(report)
      case 'fault':
        return this.#events.fault(report.code, report.message)
    }
  }

  input(channelId: number, message: Uint8Array | string): void {
    if (!this.#ending.begun) this.#events.input(channelId, message)
  }

  voice(unit: VoiceUnit): void {
    if (!this.#ending.begun) this.#events.voice(unit)
  }

  text(text: string): void {
    if (!this.#ending.begun) this.#events.text?.(text)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #openOrder(): Order {
    const of = { viewer: this.id, limitBps: this.#limitBps }
    if (this.#wire.kind === 'moonlight')
      return { type: 'open-moonlight', ...of, terms: termsForOrder(this.#wire.terms) }
    if (this.#wire.kind === 'native') {
      const { channel, codecs, audio } = this.#wire
      return { type: 'open-native', ...of, channel, codecs: [...codecs], audio }
    }
    const { offer, streams } = this.#wire
    return { type: 'open', ...of, offer: { ...offer, candidates: [...offer.candidates] }, streams: forOrder(streams) }
  }

  #waitForProcess(): Timer {
    return this.#clock.after(processLimitMs, () => this.processDown('it does not come back'))
  }

  async #release(end: End): Promise<void> {
    this.#waitsForProcess.cancel()
    this.#early = []
    if (end.kind === 'error' || !this.#run) return
    this.#run.send({ type: 'close', viewer: this.id })
    const timer = this.#clock.after(goodbyeMs, this.#gone.resolve)
    await this.#gone.promise
    timer.cancel()
  }
}

/** Whether a unit comes behind another one of the same flow, and as large. */
function follows({ flow, width, height }: AccessUnit, before: AccessUnit): boolean {
  const former = before.flow
  return (
    flow?.number === (former?.number ?? 0) + 1 &&
    flow.rendition === former?.rendition &&
    flow.source === former.source &&
    flow.media === former.media &&
    width === before.width &&
    height === before.height
  )
}

/** Orders are plain data, which nobody else holds on to. */
function forOrder({ video, ...streams }: ViewerStreams): Extract<Order, { type: 'streams' }>['streams'] {
  return { ...streams, video: video && { ...video, payloadTypes: { ...video.payloadTypes } } }
}

function termsForOrder({ said, ...terms }: StreamTerms): Extract<Order, { type: 'open-moonlight' }>['terms'] {
  return { ...terms, said: said.map(({ atMs, direction, label }) => ({ atMs, direction, label })) }
}
