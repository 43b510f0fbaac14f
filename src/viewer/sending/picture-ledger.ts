import type { VideoCodec } from '../../domain/video-codec.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'

/** What is to be known of a picture when one of its packets leaves, for the first time or again. */
export interface SentPicture {
  readonly codec: VideoCodec
  readonly key: boolean
  readonly captureUs: number
  /** Of all that were sent to this viewer, without gaps. */
  readonly index: number
  /** What the wire wants to find again, an RTP timestamp for instance. */
  readonly mark: number
}

/** More pictures than a resend can reach back. */
const capacity = 256

/** A viewer's latest pictures by their index. */
export class PictureLedger {
  readonly #pictures: (SentPicture | undefined)[] = Array.from({ length: capacity })
  #next = 0

  /** The index that the next picture gets. */
  get next(): number {
    return this.#next
  }

  add({ codec, key, captureUs }: AccessUnit, mark: number): void {
    const index = this.#next++
    this.#pictures[index % capacity] = { codec, key, captureUs, index, mark }
  }

  /** Undefined for one that is forgotten. */
  get(index: number): SentPicture | undefined {
    const picture = this.#pictures[index % capacity]
    return picture?.index === index ? picture : undefined
  }
}
