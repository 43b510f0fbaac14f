import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { EncoderBudget } from '../media/encoder-budget.ts'
import { openMediaProcess } from '../media/media-process.ts'
import type { Producer, SourceSpec } from '../media/contract/producer.ts'
import type { UnitInlets } from '../media/contract/unit-inlets.ts'
import type { ProducerTotals } from './producer-totals.ts'

/**
 * A producer in a media process of its own, so that native code that dies takes the picture of one lobby and nothing
 * else. Both end together. Rejects with a MediaError.
 */
export async function openLobbyProducer(
  id: string,
  spec: SourceSpec,
  options: {
    log: Log
    clock: Clock
    environment: Readonly<Record<string, string | undefined>>
    totals: ProducerTotals
    budget: EncoderBudget
    inlets: UnitInlets
  },
): Promise<Producer> {
  await using opening = new AsyncDisposableStack()
  const process = opening.use(await openMediaProcess({ name: id, ...options }))
  const producer = process.addProducer(id, spec)
  options.totals.add(producer)
  opening.move()
  return {
    id,
    state: producer.state,
    voices: producer.voices,
    watch: (request, sink) => producer.watch(request, sink),
    offer: (request) => producer.offer(request),
    still: () => producer.still(),
    close: (reason) => process.close(reason),
    closed: process.closed,
    [Symbol.asyncDispose]: () => process.close(),
  }
}
