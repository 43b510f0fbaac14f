import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { SourceSpec } from '../contract/producer.ts'
import type { VoiceUnit } from '../contract/voice.ts'
import type { EncoderCatalogue } from './encode/encoder-catalogue.ts'
import { Rendition } from './encode/rendition.ts'
import type { RenditionSpec } from '../link/messages.ts'
import { MotionDetector } from './pacing/motion-detector.ts'
import { RenditionDelivery } from './rendition-delivery.ts'
import type { UnitOutlets } from './unit-outlets.ts'
import { PictureLoop } from './picture-loop.ts'
import type { PictureSource } from './picture/picture-source.ts'
import type { ServerLink } from './server-link.ts'
import type { StallDetector } from './pacing/stall-detector.ts'
import { SourceSound } from './sound/source-sound.ts'
import type { RoutedSpeaker } from './sound/voice/voice-desk.ts'
import { StillMaker } from './still/still-maker.ts'
import { TestPatternSource } from './test-pattern/test-pattern-source.ts'
import { X11Source } from './x11/x11-source.ts'

export interface HostedSourceOptions {
  /** Its number in the protocol. */
  readonly id: number
  readonly spec: SourceSpec
  readonly catalogue: EncoderCatalogue
  readonly link: ServerLink
  readonly outlets: UnitOutlets
  readonly stalls: StallDetector
  readonly clock: Clock
  readonly log: (message: string) => void
}

/** One source in this process: its pictures, its sound and its renditions. Its failures go to the server. */
export class HostedSource {
  readonly #options: HostedSourceOptions
  readonly #renditions = new Map<number, Rendition>()
  readonly #deliveries = new Map<number, RenditionDelivery>()
  readonly #active = new Set<Rendition>()
  readonly #sound: SourceSound
  readonly #motion: MotionDetector
  #opening: Promise<void> | undefined
  #source: PictureSource | undefined
  #loop: PictureLoop | undefined
  readonly #stillMaker = new StillMaker()
  #stillUs: number | undefined
  #still: Promise<void> = Promise.resolve()
  #over = false

  constructor(options: HostedSourceOptions) {
    this.#options = options
    const { id, spec, link, clock, log } = options
    this.#sound = new SourceSound({
      spec,
      clock,
      log,
      onUnit: (unit, audience) => link.audio({ source: id, ...audience, unit }),
      onSpeaking: (speakers) => link.report({ type: 'speaking', source: id, speakers: [...speakers] }),
    })
    this.#motion = new MotionDetector(clock, {
      onTurn: (moves) => link.report({ type: 'motion', source: id, moves }),
      isChanged: () => this.#source?.changedSinceUs !== undefined,
    })
    this.#opening = this.#open()
  }

  addRendition(id: number, spec: RenditionSpec): void {
    const { id: source, catalogue, link, stalls, outlets } = this.#options
    const delivery = new RenditionDelivery({
      source,
      rendition: id,
      outlets,
      video: (frame) => link.video(frame),
    })
    const rendition = new Rendition({
      spec,
      nominalFps: this.#options.spec.fps,
      preset: this.#options.spec.encoding?.preset ?? 'latency',
      catalogue,
      stalls,
      events: {
        onOpened: ({ kind, settings: { width, height } }) => {
          link.report({ type: 'rendition-open', source, rendition: id, encoder: kind.name, width, height })
        },
        onCoded: ({ encodingUs, ...unit }) => delivery.video({ codec: spec.codec, ...unit }, encodingUs),
        onReady: () => this.#loop?.poke(),
        onFailure: (reason) => {
          this.#active.delete(rendition)
          link.report({ type: 'rendition-failed', source, rendition: id, reason })
        },
      },
    })
    this.#renditions.set(id, rendition)
    this.#deliveries.set(id, delivery)
    this.#active.add(rendition)
    this.#loop?.poke()
  }

  /** Where the pictures of a rendition go. */
  deliver(id: number, here: boolean, links: readonly number[]): void {
    this.#deliveries.get(id)?.deliver(here, links)
  }

  changeRendition(id: number, change: Omit<RenditionSpec, 'codec'>): void {
    this.#renditions.get(id)?.change(change)
    this.#loop?.poke()
  }

  async removeRendition(id: number): Promise<void> {
    const rendition = this.#renditions.get(id)
    if (!rendition) return
    this.#renditions.delete(id)
    this.#active.delete(rendition)
    this.#loop?.poke()
    await rendition.close()
    this.#deliveries.get(id)?.close()
    this.#deliveries.delete(id)
  }

  requestKey(id: number): void {
    this.#renditions.get(id)?.requestKey()
    this.#loop?.poke()
  }

  setText(title: string, lines: readonly string[]): void {
    if (this.#source instanceof TestPatternSource) this.#source.setText({ title, lines })
  }

  setSound(layouts: readonly SoundLayout[]): void {
    this.#sound.setLayouts(layouts)
  }

  /** Whoever is not among them is not heard any more. */
  setSpeakers(speakers: readonly RoutedSpeaker[]): void {
    try {
      this.#sound.setSpeakers(speakers)
    } catch (error) {
      this.#options.log(`Some voices are not heard: ${messageOf(error)}`)
    }
  }

  /** Takes a packet of somebody's microphone, whose data is kept. */
  speak(speaker: number, unit: VoiceUnit): void {
    this.#sound.speak(speaker, unit)
  }

  /** Answers with a still of the source, or with why there is none. */
  takeStill(): void {
    this.#still = this.#still.then(() => this.#sendStill())
  }

  /** The server takes pictures again. */
  relieve(): void {
    this.#loop?.poke()
  }

  async close(): Promise<void> {
    this.#over = true
    this.#active.clear()
    await this.#opening
    this.#motion.close()
    await Promise.all([this.#sound.close(), this.#loop?.close(), this.#still])
    this.#stillMaker.close()
    await Promise.all(this.#renditions.values().map((rendition) => rendition.close()))
    this.#renditions.clear()
    for (const delivery of this.#deliveries.values()) delivery.close()
    this.#deliveries.clear()
    await this.#source?.close()
  }

  async #open(): Promise<void> {
    const { spec, clock, link, stalls } = this.#options
    try {
      const source = spec.kind === 'x11' ? await this.#openX11(spec) : new TestPatternSource(spec, clock)
      this.#source = source
      if (this.#over) return
      this.#loop = new PictureLoop({
        source,
        renditions: this.#active,
        clock,
        stalls,
        blocked: () => link.congested,
        onFailure: (reason) => this.#fail(reason),
        onTaken: (isChange) => this.#motion.taken(isChange),
      })
      this.#reportLive()
      this.#loop.poke()
    } catch (error) {
      this.#fail(messageOf(error))
    }
  }

  async #sendStill(): Promise<void> {
    const { id: source, link, log } = this.#options
    const picture = this.#over ? undefined : await this.#loop?.glimpse(this.#stillUs)
    if (!picture || picture === 'same') {
      return link.report({ type: 'no-still', source, reason: picture ?? 'none' })
    }
    try {
      const still = await this.#stillMaker.make(picture)
      this.#stillUs = picture.captureUs
      link.still({ source, still })
    } catch (error) {
      log(`A still could not be made: ${messageOf(error)}`)
      link.report({ type: 'no-still', source, reason: 'none' })
    } finally {
      picture.letGo()
    }
  }

  #openX11(spec: Extract<SourceSpec, { kind: 'x11' }>): Promise<PictureSource> {
    return X11Source.open(spec, this.#options.clock, {
      onChange: () => this.#loop?.poke(),
      onResize: () => this.#reportLive(),
      onFailure: (reason) => this.#fail(reason),
    })
  }

  #reportLive(): void {
    const source = this.#source
    if (!source || this.#over) return
    const { width, height, fps } = source
    this.#options.link.report({ type: 'source-live', source: this.#options.id, width, height, fps })
  }

  #fail(reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#options.link.report({ type: 'source-failed', source: this.#options.id, reason })
  }
}
