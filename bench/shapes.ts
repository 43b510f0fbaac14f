/**
 * Viewers of several shapes in one lobby: pictures a second of each, how long the first one's take from capture to the server's hands
 * against alone, and whether sound has gaps, while one more asks for what the encoder budget has no room for. The pattern moves with every picture,
 * and the media process is a real one; packets leave within a millisecond of the unit's arrival, as `latency` shows.
 *
 *     npm run bench shapes [-- --seconds 10] [--units 2]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { PictureShape } from '../src/domain/picture-shape.ts'
import { silentLog } from '../src/kernel/log.ts'
import { until } from '../src/kernel/readable.ts'
import { opusFrameSamples } from '../src/media/contract/access-unit.ts'
import { monotonicUs } from '../src/media/contract/monotonic.ts'
import type { MediaSink, Watch } from '../src/media/contract/producer.ts'
import { budgetUnit, EncoderBudget } from '../src/media/encoder-budget.ts'
import { openMediaProcess } from '../src/media/media-process.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, percentiles, table } from './support/figures.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, units: { type: 'string', default: '2' } },
})
const measureMs = Number(values.seconds) * 1000
const warmUpMs = 2_000
const card = {
  kind: 'test-pattern',
  width: 1280,
  height: 720,
  fps: 60,
  title: 'Shapes',
  lines: [],
  tone: 'stereo',
} as const
const shapes = {
  first: { width: 1280, height: 720, maxFps: 60 },
  second: { width: 800, height: 450, maxFps: 30 },
  third: { width: 640, height: 360, maxFps: 15 },
  late: { width: 1920, height: 1080, maxFps: 60 },
} as const satisfies Record<string, PictureShape>
const bitrates = { first: 6e6, second: 2e6, third: 1e6, late: 8e6 } as const

/** One viewer: what came, and how long it took from its capture. */
class Viewer implements MediaSink {
  readonly tookMs: number[] = []
  readonly sizes = new Set<string>()
  readonly #gaps: number[] = []
  #position: number | undefined

  video({ captureUs, width, height }: Parameters<MediaSink['video']>[0]): void {
    this.tookMs.push((monotonicUs() - captureUs) / 1000)
    this.sizes.add(`${width}x${height}`)
  }

  audio({ positionSamples }: Parameters<MediaSink['audio']>[0]): void {
    if (this.#position !== undefined && positionSamples !== this.#position) this.#gaps.push(positionSamples)
    this.#position = positionSamples + opusFrameSamples
  }

  get gaps(): number {
    return this.#gaps.length
  }

  reset(): void {
    this.tookMs.length = 0
    this.sizes.clear()
    this.#gaps.length = 0
  }
}

await using media = await openMediaProcess({
  name: 'bench',
  log: silentLog,
  budget: new EncoderBudget(Number(values.units) * budgetUnit),
})
const producer = media.addProducer('lobby', card)
await until(producer.state, ({ status }) => status === 'live')
const viewers = new Map<keyof typeof shapes, { viewer: Viewer; watch: Watch }>()
const rows: string[][] = []
const p95 = new Map<string, number>()

join('first')
await measure('alone')
join('second')
join('third')
await measure('with the second and the third')
join('late')
await measure('with one who asks for more')
leave('second')
leave('third')
leave('late')
await measure('alone again')

const alone = ((p95.get('alone') ?? NaN) + (p95.get('alone again') ?? NaN)) / 2
console.log(`${describeRun()}\n`)
console.log(table(['when', 'viewer', 'given', 'sizes seen', 'pictures/s', 'ms p50 / p95 / p99', 'gaps in sound'], rows))
for (const when of ['with the second and the third', 'with one who asks for more']) {
  console.log(`\np95 of the first ${when}: ${((p95.get(when) ?? NaN) / alone).toFixed(2)} times that alone`)
}

function join(name: keyof typeof shapes): void {
  const viewer = new Viewer()
  const request = { codecs: ['h264'], bitrateBps: bitrates[name], audio: true, shape: shapes[name] } as const
  viewers.set(name, { viewer, watch: producer.watch(request, viewer) })
}

function leave(name: keyof typeof shapes): void {
  viewers.get(name)?.watch.close()
  viewers.delete(name)
}

async function measure(when: string): Promise<void> {
  await pause(warmUpMs)
  for (const { viewer } of viewers.values()) viewer.reset()
  const startMs = performance.now()
  await pause(measureMs)
  const seconds = (performance.now() - startMs) / 1000
  for (const [name, { viewer, watch }] of viewers) {
    const { given } = watch.shape.value ?? {}
    const { tookMs } = viewer
    rows.push([
      when,
      name,
      given ? `${given.width}x${given.height} at ${given.maxFps}` : 'as the path carries',
      [...viewer.sizes].join(', '),
      (tookMs.length / seconds).toFixed(1),
      percentiles(tookMs, [0.5, 0.95, 0.99]),
      String(viewer.gaps),
    ])
    if (name === 'first') p95.set(when, percentile(tookMs, 0.95))
  }
}
