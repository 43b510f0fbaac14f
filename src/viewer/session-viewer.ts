import type { GatewayName } from '../domain/gateway-name.ts'
import { sameShape, type PictureShape, type ShapeOffer } from '../domain/picture-shape.ts'
import { sameSize, sizeText } from '../domain/size.ts'
import type { SoundLayout } from '../domain/sound-layout.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import { HostError } from '../host/contract/host-error.ts'
import type { ObservedFact, RenditionFacts, StreamSession } from '../host/contract/stream-session.ts'
import { Ending, type Closable, type End } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import type { AccessUnit, AudioUnit } from '../media/contract/access-unit.ts'
import type { MediaSink, RenditionInfo, Watch } from '../media/contract/producer.ts'
import type { VoiceUnit } from '../media/contract/voice.ts'
import type { InputChannel } from '../wire/input/channels.ts'
import type { GatewayCounters } from './contract/gateway-counters.ts'
import { InputIntake } from './intake/input-intake.ts'
import { VoiceIntake } from './intake/voice-intake.ts'
import type { SendingEnd } from './sending-end.ts'
import type { Pump } from './sending/pump.ts'
import type { SessionPath } from './session-path.ts'
import { ViewerError } from './contract/viewer-error.ts'
import type { ViewerEvents, ViewerObservation, ViewerStatistics } from './contract/viewer-events.ts'

/** What a viewer wants of its session. */
export interface ViewerWish {
  /** What the other end can decode, best first; empty for one who only listens. */
  readonly codecs: readonly VideoCodec[]
  readonly audio: boolean
  /** In which the other end takes sound; stereo when left out. */
  readonly soundLayout?: SoundLayout | undefined
  /** The decoder takes pictures of this size alone. */
  readonly shape?: PictureShape | undefined
}

/** What the other end of a viewer sends to the session. */
export interface Intake {
  input(channel: InputChannel, message: Uint8Array | string): void
  voice(unit: VoiceUnit): void
}

export interface SessionViewerOptions {
  readonly context: {
    readonly pump: Pump
    readonly nowUs: () => number
    readonly counters: GatewayCounters
    readonly log: Log
    /** By which way in, for operators. */
    readonly gateway: GatewayName
  }
  readonly session: StreamSession
  readonly wish: ViewerWish
  /** The client shows where others point. */
  readonly showsPointers: boolean
  readonly path: SessionPath
  /** What was asked cannot be done. */
  readonly refuse: (code: string, message: string) => void
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
  /** Once a second, with the encoding that is shown. */
  readonly onStatistics: (statistics: ViewerStatistics, rendition: RenditionInfo | undefined) => void
  /** Opens the sending end; what it throws goes to whoever made the viewer. */
  readonly open: (events: ViewerEvents, intake: Intake) => SendingEnd
}

/**
 * A session as one viewer is shown it, whatever the wire: what it watches, and what its input and voice may do. The sending end may be
 * in another process. It ends by `close()`, or with an error when that end is gone.
 */
export class SessionViewer implements Closable, MediaSink {
  readonly closed: Promise<End>
  readonly #options: SessionViewerOptions
  readonly #input: InputIntake
  readonly #voice: VoiceIntake
  readonly #end: SendingEnd
  readonly #ending: Ending
  #wish: ViewerWish
  /** What the path carries of pictures, once it can carry any. */
  #bitrateBps: number | undefined
  #targetBps = 0
  #watch: Watch | undefined
  #rendition: RenditionInfo | undefined
  /** Where the session was when that rendition began, and what it had been given of what it wished. */
  #shownPlace: string | undefined
  #shownOffer: ShapeOffer | undefined
  #stopPointers = () => {}
  #told: ShapeOffer | undefined
  /** What was heard last, where it was not what was asked for from the beginning. */
  #given: SoundLayout | undefined
  #stopFollowing = () => {}

  constructor(options: SessionViewerOptions) {
    const { context, session, refuse, fault } = options
    const { counters, nowUs, pump } = context
    this.#options = options
    this.#wish = options.wish
    this.#input = new InputIntake({ session, pump, nowUs, counters, refuse, fault })
    this.#voice = new VoiceIntake({ session, nowUs, counters, refuse, fault })
    this.#ending = new Ending((end) => this.#release(end))
    this.closed = this.#ending.closed
    this.#end = options.open(this.#events(), {
      input: (channel, message) => this.#input.receive(channel, message),
      voice: (unit) => this.#voice.receive(unit),
    })
    void this.#end.closed.then((end) => {
      // The client goes on by another path, and what it holds down goes with it.
      if (end.kind === 'clean' && end.reason === 'moved') this.#input.handOn()
      if (end.kind === 'error') void this.#ending.fail(end.error)
      else void this.#ending.close(end.reason)
    })
  }

  /** Its end has begun. */
  get ended(): boolean {
    return this.#ending.begun
  }

  /** Media is being sent. */
  get open(): boolean {
    return this.#watch !== undefined && !this.#ending.begun
  }

  /** What the path is believed to carry, in bits a second. */
  get targetBps(): number {
    return this.#targetBps
  }

  /** The most that the viewer wants, 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#end.limit(bitrateBps)
  }

  /** The two ends have agreed on something else: what flows begins anew, with a key picture. */
  wants(wish: ViewerWish): void {
    const { audio, codecs } = this.#wish
    this.#wish = wish
    if (audio !== wish.audio || codecs.join() !== wish.codecs.join()) this.#attach()
  }

  video(unit: AccessUnit): void {
    if (!this.#end.congested) return this.#end.video(unit)
    this.#options.context.counters.resyncs++
    this.#watch?.resync()
  }

  audio(unit: AudioUnit): void {
    this.#end.audio(unit)
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  /** Ends it for a reason that the sending end does not know. */
  fail(error: Error): Promise<void> {
    return this.#ending.fail(error)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #events(): ViewerEvents {
    return {
      opened: (bitrateBps) => {
        this.#bitrateBps = bitrateBps
        this.#targetBps = bitrateBps
        this.#attach()
      },
      bitrate: (bitrateBps) => {
        this.#bitrateBps = bitrateBps
        this.#watch?.setBitrate(bitrateBps)
      },
      keyframe: () => this.#watch?.requestKeyframe(),
      resync: () => this.#watch?.resync(),
      observed: (observation) => this.#observed(observation),
      statistics: (statistics) => this.#tell(statistics),
    }
  }

  /** The session's pictures and sound begin to flow, with a key picture. */
  #attach(): void {
    const { session, showsPointers } = this.#options
    const { audio, codecs, shape, soundLayout = 'stereo' } = this.#wish
    const bitrateBps = this.#bitrateBps
    if (bitrateBps === undefined || this.#ending.begun) return
    const former = this.#watch
    this.#stopFollowing()
    this.#stopFollowing = () => {}
    try {
      const { link } = this.#end
      this.#watch =
        codecs.length > 0 || audio
          ? session.attach(
              { codecs, bitrateBps, audio, soundLayout, link, ...(shape && { shape, holdsShape: true }) },
              this,
            )
          : undefined
    } catch (error) {
      // A session takes its time to end, and the other end may just have become ready.
      if (!(error instanceof HostError) || error.code !== 'session-closed') throw error
      return void this.#ending.close('the session has ended')
    }
    this.#follow(soundLayout)
    former?.close()
    if (former) this.#end.halt()
    if (showsPointers && !former) this.#stopPointers = session.followPointers((batch) => this.#end.pointers(batch))
  }

  #follow(asked: SoundLayout): void {
    const watch = this.#watch
    if (!watch) return
    this.#wished(watch.shape.value)
    const stops = [
      watch.shape.subscribe((offer) => this.#wished(offer)),
      watch.rendition.subscribe((rendition) => this.#shown(rendition)),
      watch.sound.subscribe((given) => this.#sounds(asked, given)),
    ]
    this.#stopFollowing = () => {
      for (const stop of stops) stop()
    }
  }

  /** Another size was asked for, or something else is given of what was. */
  #wished(offer: ShapeOffer | undefined): void {
    const told = this.#told
    this.#told = offer
    const cause = sameShape(offer?.asked, told?.asked) ? 'offered' : 'asked'
    if (cause === 'offered' && sameShape(offer?.given, told?.given)) return
    const facts = (shape: PictureShape | undefined) => shape && { size: sizeText(shape), fps: shape.maxFps }
    const [asked, given] = [facts(offer?.asked), facts(offer?.given)]
    this.#observe({ kind: 'wish', cause, asked, given, reason: offer?.reason })
  }

  /** Another place sounds in another layout; that it is the one that was asked for is worth telling only after it was not. */
  #sounds(asked: SoundLayout, given: SoundLayout | undefined): void {
    if (given === undefined || given === (this.#given ?? asked)) return
    this.#given = given
    this.#observe({ kind: 'sound', asked, given })
  }

  /** Another encoding is shown; what a change of bitrate alone is told of by the adaptation. */
  #shown(rendition: RenditionInfo | undefined): void {
    if (!rendition) return
    const { session } = this.#options
    const before = this.#rendition
    const { kind, lobbyId } = session.place.value
    const place = `${kind} ${lobbyId}`
    const cause = place === this.#shownPlace ? this.#causeOf(rendition) : 'switch'
    this.#rendition = rendition
    this.#shownPlace = place
    // Until it is met, it is the wish that the next change may be for.
    if (cause !== 'path') this.#shownOffer = this.#watch?.shape.value
    if (!before) return
    const [from, to] = [factsOf(before), factsOf(rendition)]
    if (from.size !== to.size || from.fps !== to.fps) this.#observe({ kind: 'rendition', from, to, cause })
  }

  /** Why another encoding is shown in a place: for what was wished, where that is new and this is it. */
  #causeOf(rendition: RenditionInfo): 'wish' | 'path' {
    const offer = this.#watch?.shape.value
    const before = this.#shownOffer
    const isNew = !sameShape(offer?.asked, before?.asked) || !sameShape(offer?.given, before?.given)
    return isNew && (offer?.given === undefined || sameSize(offer.given, rendition)) ? 'wish' : 'path'
  }

  #observe(fact: ObservedFact): void {
    this.#options.session.observe({ ...fact, gateway: this.#options.context.gateway })
  }

  #observed(observation: ViewerObservation): void {
    const { context, session, path } = this.#options
    if (observation.kind === 'path') {
      const { kind: _, ...way } = observation
      return path.carries(this, way)
    }
    this.#observe({ ...observation })
    if (observation.kind !== 'handshake' || observation.ok) return
    context.log.warn('A viewer got no media', { sessionId: session.id, reason: observation.reason })
  }

  #tell(statistics: ViewerStatistics): void {
    this.#targetBps = statistics.targetBps
    // Whoever watches is there, though they say nothing.
    if (statistics.heard) this.#options.session.touch()
    this.#options.onStatistics(statistics, this.#watch?.rendition.value)
  }

  async #release(end: End): Promise<void> {
    const { path } = this.#options
    path.ended(this, end.kind === 'clean' && end.reason === 'moved')
    this.#stopFollowing()
    this.#stopPointers()
    this.#input.close()
    this.#watch?.close()
    const isProcessLost = end.kind === 'error' && end.error instanceof ViewerError && end.error.code === 'process-lost'
    if (isProcessLost && this.#watch) this.#observe({ kind: 'interruption', reason: end.error.message })
    await this.#end.close(end.kind === 'clean' ? end.reason : end.error.message)
  }
}

function factsOf({ width, height, fps }: RenditionInfo): RenditionFacts {
  return { size: sizeText({ width, height }), fps }
}
