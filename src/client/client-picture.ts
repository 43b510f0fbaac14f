import {
  largestShapeSide,
  mostShapeFps,
  mostShapePixels,
  type PictureShape,
  sameShape,
  type ShapeOffer,
  smallestShapeSide,
} from '../domain/picture-shape.ts'
import { Writable, type Readable } from '../kernel/readable.ts'
import type { ClientMessage, ServerMessage } from '../wire/signal/messages.ts'
import { ClientError } from './contract/client-error.ts'
import type { ClientEvents } from './client-events.ts'
import type { Emitter } from './emitter.ts'
import { reportUncaught } from './contract/report-uncaught.ts'

/** What a client wants to see. */
export interface PictureWish {
  /** Exactly this size, with black bars, and so many pictures a second at most; what suits the path when left out. */
  readonly shape?: PictureShape | undefined
  /** The most that the host sends, in bits a second; what the path carries when left out. */
  readonly maxBitrateBps?: number | undefined
}

type OfferOfHost = Omit<Extract<ServerMessage, { type: 'shape' }>, 'type'>
type Tell = (message: Extract<ClientMessage, { type: 'shape' | 'limit' }>) => void

/** How large, how often and at what rate one sees what one sees; the host is told again after each greeting. */
export class ClientPicture {
  readonly #tell: Tell
  readonly #emitter: Emitter<ClientEvents>
  readonly #shape = new Writable<ShapeOffer | undefined>(undefined, reportUncaught)
  #wish: PictureShape | undefined
  #limitBps = 0
  #isAsking = false
  /** What was wished last has not been told yet. */
  #isStale = false

  constructor(tell: Tell, emitter: Emitter<ClientEvents>) {
    this.#tell = tell
    this.#emitter = emitter
  }

  /** What has become of the shape that was asked for last; undefined while none is. */
  get shape(): Readable<ShapeOffer | undefined> {
    return this.#shape
  }

  /**
   * Chooses what this client sees, whatever the others in the lobby see: a size with black bars and a frame rate, a bitrate, both or, with
   * neither, what suits the path. Holds until it is called again, through every reconnection. A host that cannot encode one shape more
   * offers the nearest that it has, which `shape` tells, and comes back to the wish when it can. Throws ClientError `invalid-argument`
   * for a shape that cannot be.
   */
  set({ shape, maxBitrateBps = 0 }: PictureWish): void {
    if (shape && !isPossible(shape)) throw impossible(shape)
    const isAsked = shape !== undefined || this.#wish !== undefined
    this.#wish = shape
    if (isAsked) this.#tellShape()
    if (maxBitrateBps !== this.#limitBps) this.limit(maxBitrateBps)
  }

  /** Limits what the host sends, in bits a second; 0 for no limit of its own. */
  limit(bitrateBps: number): void {
    this.#limitBps = bitrateBps
    this.#tell({ type: 'limit', bitrateBps })
  }

  /** The host knows nothing of it yet. */
  greeted(): void {
    if (this.#limitBps > 0) this.limit(this.#limitBps)
    this.#isAsking = false
    if (this.#wish) this.#tellShape()
  }

  /** The host's answer. */
  receive(answer: OfferOfHost): void {
    this.#isAsking = false
    this.#show(answer)
    if (this.#isStale) this.#tellShape()
  }

  /** What has become of it since, with the host's figures; while an answer is under way they are of the wish before. */
  hear(offer: OfferOfHost): void {
    if (!this.#isAsking) this.#show(offer)
  }

  #show({ asked, given, reason }: OfferOfHost): void {
    const offer = asked ? { asked, given: given ?? undefined, reason } : undefined
    const { value } = this.#shape
    const isSame = sameShape(offer?.asked, value?.asked) && sameShape(offer?.given, value?.given)
    if (isSame && offer?.reason === value?.reason) return
    this.#shape.set(offer)
    this.#emitter.emit('shape', offer)
  }

  /** One wish is under way at a time; the newest goes when that was answered. */
  #tellShape(): void {
    this.#isStale = this.#isAsking
    if (this.#isAsking) return
    this.#isAsking = true
    this.#tell({ type: 'shape', shape: this.#wish ?? null })
  }
}

/** Whether a host would take it for a shape. */
function isPossible({ width, height, maxFps }: PictureShape): boolean {
  const isSide = (side: number) => Number.isInteger(side) && side >= smallestShapeSide && side <= largestShapeSide
  return isSide(width) && isSide(height) && width * height <= mostShapePixels && maxFps >= 1 && maxFps <= mostShapeFps
}

function impossible({ width, height, maxFps }: PictureShape): ClientError {
  const wanted = `sides from ${smallestShapeSide} to ${largestShapeSide}, up to 4096x2304, and 1 to ${mostShapeFps} a second`
  return new ClientError(
    'invalid-argument',
    `Cannot ask for ${width}x${height} at ${maxFps} a second: wanted ${wanted}`,
  )
}
