import type { SentPicture } from '../contract/viewer-wire.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'

/** More pictures than a resend can reach back. */
const capacity = 256

/** A viewer's latest pictures by their index. */
export class SentPictures {
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
