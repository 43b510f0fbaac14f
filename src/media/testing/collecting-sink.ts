import { EventEmitter, once } from 'node:events'
import type { AccessUnit, AudioUnit } from '../contract/access-unit.ts'
import type { MediaSink } from '../contract/producer.ts'

const waitMs = 20_000

/** A viewer that keeps all it gets, and can be waited for. */
export class CollectingSink implements MediaSink {
  readonly pictures: AccessUnit[] = []
  readonly sounds: AudioUnit[] = []
  readonly #arrived = new EventEmitter()

  video(unit: AccessUnit): void {
    this.pictures.push(unit)
    this.#arrived.emit('unit')
  }

  audio(unit: AudioUnit): void {
    this.sounds.push(unit)
    this.#arrived.emit('unit')
  }

  /** The first picture from `from` on that satisfies `accept`; rejects when none comes for 20 s. */
  async picture(accept: (unit: AccessUnit) => boolean = () => true, from = 0): Promise<AccessUnit> {
    return await this.#find(this.pictures, accept, from)
  }

  async sound(accept: (unit: AudioUnit) => boolean = () => true, from = 0): Promise<AudioUnit> {
    return await this.#find(this.sounds, accept, from)
  }

  async #find<T>(units: readonly T[], accept: (unit: T) => boolean, from: number): Promise<T> {
    const signal = AbortSignal.timeout(waitMs)
    for (let at = from; ; at++) {
      while (units.length <= at) await once(this.#arrived, 'unit', { signal })
      const unit = units[at]
      if (unit !== undefined && accept(unit)) return unit
    }
  }
}
