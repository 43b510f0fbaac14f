import type { Metrics } from '../observe/metrics.ts'
import type { ProducerCount, ProducerTotals } from './producer-totals.ts'

/** Whose producers they are. */
export type ProducerKind = 'lobby' | 'waiting-room'

const counters: readonly (readonly [count: ProducerCount, name: string, help: string])[] = [
  ['picturesCaptured', 'pictures_captured', 'Pictures that were captured and encoded'],
  ['unitsEncoded', 'units_encoded', 'Pictures in all renditions together'],
  ['keyUnits', 'key_units_encoded', 'Key pictures in all renditions together'],
  ['videoBytes', 'encoded_video_bytes', 'Bytes of encoded pictures'],
  ['audioUnits', 'audio_units_encoded', 'Packets of encoded sound'],
  ['restarts', 'producer_restarts', 'Times a source or its media process was started again'],
]

/** Adds what is captured and encoded: it follows the renditions in use, not the number of viewers. */
export function registerProducerMetrics(
  metrics: Metrics,
  totals: Readonly<Record<ProducerKind, ProducerTotals>>,
): void {
  const read = (value: (of: ProducerTotals) => number) => () =>
    (Object.entries(totals) as [ProducerKind, ProducerTotals][]).map(([producer, of]) => ({
      labels: { producer },
      value: value(of),
    }))
  const labels = ['producer']
  metrics.pull({
    name: 'porchlight_renditions',
    help: 'Encodings that run now',
    kind: 'gauge',
    labels,
    read: read(({ renditions }) => renditions),
  })
  for (const [count, name, help] of counters) {
    metrics.pull({
      name: `porchlight_${name}_total`,
      help,
      kind: 'counter',
      labels,
      read: read((of) => of.total(count)),
    })
  }
}
