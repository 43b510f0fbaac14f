import type { MediaProducer } from '../media/source-producer.ts'
import type { ProducerStatistics } from '../media/producer-statistics.ts'

/** What only grows while a producer lives. */
const counted = [
  'picturesCaptured',
  'unitsEncoded',
  'keyUnits',
  'videoBytes',
  'audioUnits',
  'restarts',
] as const satisfies readonly (keyof ProducerStatistics)[]

export type ProducerCount = (typeof counted)[number]

/** What many producers do together, and have done since the start: those that are gone still count. */
export class ProducerTotals {
  readonly #living = new Set<Pick<MediaProducer, 'statistics'>>()
  readonly #gone = new Map<ProducerCount, number>(counted.map((name) => [name, 0]))

  /** Counts a producer from now on, and keeps its counts when it closes. */
  add(producer: Pick<MediaProducer, 'statistics' | 'closed'>): void {
    this.#living.add(producer)
    void producer.closed.then(() => {
      this.#living.delete(producer)
      const { statistics } = producer
      for (const name of counted) this.#gone.set(name, (this.#gone.get(name) ?? 0) + statistics[name])
    })
  }

  /** Encodings that run now. */
  get renditions(): number {
    return this.#living.values().reduce((sum, { statistics }) => sum + statistics.renditions, 0)
  }

  /** One count over all producers. */
  total(name: ProducerCount): number {
    return this.#living.values().reduce((sum, { statistics }) => sum + statistics[name], this.#gone.get(name) ?? 0)
  }
}
