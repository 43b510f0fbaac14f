import type { AccessUnit, AudioUnit } from '../contract/access-unit.ts'
import type { Size } from '../../domain/size.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import { sidesOf } from '../contract/picture-size.ts'
import type { RenditionSpec } from '../link/messages.ts'
import type { VoiceFrame } from '../link/protocol.ts'
import type { NumberedSpeaker } from '../producer-voices.ts'
import type { Still } from '../contract/still.ts'
import type { SourceListener, SourceOrder, SourcePort } from '../source-port.ts'

/** What a tick encodes takes so long to show. */
const tickS = 0.01

interface OpenSource {
  readonly listener: SourceListener
  readonly renditions: Map<number, RenditionSpec>
  readonly keyWanted: Set<number>
  /** Pictures encoded so far for each rendition. */
  readonly counts: Map<number, number>
  /** Where the pictures of renditions go that do not go to the server alone. */
  readonly deliveries: Map<number, { readonly here: boolean; readonly links: readonly number[] }>
  layouts: readonly SoundLayout[]
  speakers: readonly NumberedSpeaker[]
}

/**
 * A media process in this process, without pictures: it does what it is ordered, and encodes when it is told to. A unit's
 * data takes the whole rate, and begins with where it comes from: its source, its rendition and how many came before it.
 */
export class ScriptedProcess implements SourcePort {
  readonly orders: SourceOrder[] = []
  readonly voices: VoiceFrame[] = []
  /** The inlets that are not reached. */
  readonly lost = new Set<number>()
  readonly #sources = new Map<number, OpenSource>()
  #next = 1
  #timeUs = 1_000_000
  #isLate = false
  #held: (() => void)[] | undefined
  #screen: Size = { width: 1280, height: 720 }

  claim(listener: SourceListener): number {
    const source = this.#next++
    this.#sources.set(source, {
      listener,
      renditions: new Map(),
      keyWanted: new Set(),
      counts: new Map(),
      deliveries: new Map(),
      layouts: [],
      speakers: [],
    })
    return source
  }

  release(source: number): void {
    this.#sources.delete(source)
  }

  send(order: SourceOrder): void {
    this.orders.push(order)
    const open = this.#sources.get(order.source)
    if (!open) return
    if (order.type === 'close-source') open.listener.report({ type: 'source-closed', source: order.source })
    else if (order.type === 'sound') open.layouts = order.layouts
    else if (order.type === 'speakers') open.speakers = order.speakers
    else if (order.type === 'add-rendition') this.#add(order, open)
    else if (order.type === 'change-rendition') this.#change(order, open)
    else if (order.type === 'remove-rendition') open.renditions.delete(order.rendition)
    else if (order.type === 'deliver') this.#deliver(order, open)
    else if (order.type === 'keyframe') open.keyWanted.add(order.rendition)
    else if (order.type === 'still') open.listener.still(this.#still())
  }

  reaches(link: number): boolean {
    return !this.lost.has(link)
  }

  speak(frame: VoiceFrame): void {
    this.voices.push(frame)
  }

  /** These are heard to say something. */
  hear(speakers: number[]): void {
    for (const [source, { listener }] of this.#sources) listener.report({ type: 'speaking', source, speakers })
  }

  get renditions(): RenditionSpec[] {
    return [...this.#sources.values()].flatMap(({ renditions }) => [...renditions.values()])
  }

  count(type: SourceOrder['type']): number {
    return this.orders.filter((order) => order.type === type).length
  }

  live(width = 1280, height = 720, fps = 60): void {
    this.#screen = { width, height }
    for (const [source, { listener }] of this.#sources)
      listener.report({ type: 'source-live', source, width, height, fps })
  }

  fail(reason: string): void {
    for (const [source, { listener }] of this.#sources) listener.report({ type: 'source-failed', source, reason })
  }

  refuse(codec: 'h264' | 'vp8'): void {
    for (const [source, { listener, renditions }] of this.#sources) {
      for (const [rendition, spec] of renditions) {
        if (spec.codec !== codec) continue
        renditions.delete(rendition)
        listener.report({ type: 'rendition-failed', source, rendition, reason: 'no encoder' })
      }
    }
  }

  /** What they show begins to move, or to rest. */
  move(moves: boolean): void {
    for (const [source, { listener }] of this.#sources) listener.report({ type: 'motion', source, moves })
  }

  /** Encodes one picture for every rendition, and 10 ms of sound for every source that is heard. */
  tick(): void {
    this.#timeUs += tickS * 1_000_000
    for (const [source, open] of this.#sources) {
      for (const [rendition, spec] of open.renditions) {
        const key = open.keyWanted.delete(rendition)
        const count = (open.counts.get(rendition) ?? 0) + 1
        open.counts.set(rendition, count)
        const unit = this.#picture(spec, key, [source, rendition, count])
        open.listener.video(rendition, flowing(unit, [source, rendition, count], open.deliveries.get(rendition)), 1_000)
      }
      for (const layout of open.layouts) this.#play(layout, open)
    }
  }

  /** Encodes one picture that was taken while the screen had another size. */
  encodeOnceAs(screen: Size): void {
    const before = this.#screen
    this.#screen = screen
    this.#isLate = true
    this.tick()
    this.#screen = before
    this.#isLate = false
  }

  /** Hears nothing yet of where pictures are to go. */
  holdDeliveries(): void {
    this.#held = []
  }

  hearDeliveries(): void {
    for (const carryOut of this.#held ?? []) carryOut()
    this.#held = undefined
  }

  #deliver(order: Extract<SourceOrder, { type: 'deliver' }>, { deliveries }: OpenSource): void {
    const carryOut = () => void deliveries.set(order.rendition, order)
    if (this.#held) this.#held.push(carryOut)
    else carryOut()
  }

  #add({ source, rendition, spec }: Extract<SourceOrder, { type: 'add-rendition' }>, open: OpenSource): void {
    open.renditions.set(rendition, spec)
    open.keyWanted.add(rendition)
    const size = sidesOf(spec.size, this.#screen)
    open.listener.report({ type: 'rendition-open', source, rendition, encoder: 'scripted', ...size })
  }

  #change(
    { rendition, size, fps, bitrateBps }: Extract<SourceOrder, { type: 'change-rendition' }>,
    open: OpenSource,
  ): void {
    const spec = open.renditions.get(rendition)
    if (spec) open.renditions.set(rendition, { ...spec, size, fps, bitrateBps })
  }

  #picture({ codec, size: wanted, bitrateBps }: RenditionSpec, key: boolean, origin: readonly number[]): AccessUnit {
    const size = sidesOf(this.#isLate ? 1 : wanted, this.#screen)
    const data = new Uint32Array(Math.max(origin.length, Math.ceil((bitrateBps * tickS) / 32)))
    data.set(origin)
    return {
      codec,
      key,
      captureUs: this.#timeUs,
      encodedUs: this.#timeUs + 1_000,
      ...size,
      data: new Uint8Array(data.buffer),
    }
  }

  #play(layout: SoundLayout, { listener, speakers }: OpenSource): void {
    for (const { speaker, members } of layout === 'stereo' ? speakers : []) {
      if (members) listener.audio({ ...this.#sound(), data: Uint8Array.of(2, speaker) }, { layout, onlyFor: speaker })
    }
    listener.audio(this.#sound(), { layout, onlyFor: undefined })
  }

  #still(): Still {
    return { jpeg: Uint8Array.of(3), width: 480, height: 270, captureUs: this.#timeUs }
  }

  #sound(): AudioUnit {
    return { captureUs: this.#timeUs, positionSamples: (this.#timeUs * 48) / 1000, data: Uint8Array.of(2) }
  }
}

/** A unit as the server has it when it went to inlets as well. */
function flowing(
  unit: AccessUnit,
  [source, rendition, number]: readonly [number, number, number],
  delivery: { readonly here: boolean; readonly links: readonly number[] } | undefined,
): AccessUnit {
  if (!delivery || delivery.links.length === 0) return unit
  const { here: isHere, links } = delivery
  const flow = { media: 1, source, rendition, number, bytes: unit.data.length, isHere, links }
  return { ...unit, data: isHere ? unit.data : new Uint8Array(), flow }
}

/** The source, the rendition and the count in a unit of a scripted process. */
export function originOf({ data }: AccessUnit): readonly [source: number, rendition: number, count: number] {
  const [source = 0, rendition = 0, count = 0] = new Uint32Array(data.buffer)
  return [source, rendition, count]
}
