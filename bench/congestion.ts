/**
 * What the congestion controller makes of a bottleneck, in virtual time: use of the link and the time that packets wait before it, at
 * several rates, in steps down and up, beside a download by CUBIC, and beside another session. Every figure is the same on every
 * machine.
 *
 *     npm run bench congestion [-- --seconds 60] [--seeds 3]
 */
import { parseArgs } from 'node:util'
import { SimulatedStream } from '../test/support/simulated-stream.ts'
import type { SimulatedReceiver } from '../test/support/simulated-viewer.ts'
import { CubicFlow } from './support/cubic-flow.ts'
import { describeRun } from './support/describe-run.ts'
import { percentiles, table } from './support/figures.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seeds: { type: 'string', default: '3' } },
})
const lengthMs = Number(values.seconds) * 1000
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1)
/** Until then a stream may look for its rate. */
const warmUpMs = 10_000
const delayUs = 20_000
const queueUs = 300_000

interface Scene {
  readonly name: string
  readonly rateBps: number
  /** The rate from the second and from the third third on. */
  readonly steps?: readonly [number, number]
  readonly beside?: 'cubic' | 'another session'
  readonly conditions?: { readonly lossRatio?: number; readonly jitterUs?: number; readonly queueUs?: number }
}

const scenes: readonly Scene[] = [
  ...[1e6, 5e6, 20e6].map((rateBps) => ({ name: `${rateBps / 1e6} Mbit/s`, rateBps })),
  { name: '5, 1, 5 Mbit/s', rateBps: 5e6, steps: [1e6, 5e6] },
  { name: '20, 5, 20 Mbit/s', rateBps: 20e6, steps: [5e6, 20e6] },
  { name: '5 Mbit/s, 2 % lost', rateBps: 5e6, conditions: { lossRatio: 0.02 } },
  { name: '5 Mbit/s, 10 ms of jitter', rateBps: 5e6, conditions: { jitterUs: 10_000 } },
  { name: '5 Mbit/s, queue of 30 ms', rateBps: 5e6, conditions: { queueUs: 30_000 } },
  ...[5e6, 20e6].map((rateBps) => ({
    name: `${rateBps / 1e6} Mbit/s, two sessions`,
    rateBps,
    beside: 'another session' as const,
  })),
  ...[5e6, 20e6].map((rateBps) => ({
    name: `${rateBps / 1e6} Mbit/s, a download beside`,
    rateBps,
    beside: 'cubic' as const,
  })),
  {
    name: '5 Mbit/s, a download beside, queue of 60 ms',
    rateBps: 5e6,
    beside: 'cubic',
    conditions: { queueUs: 60_000 },
  },
]

interface Seen {
  /** Of what the link could carry in that time, headers included, 0 to 1. */
  readonly used: number
  /** Of what arrived. */
  readonly own: number
  readonly waitsMs: readonly number[]
  readonly freezeMs: number
  readonly resyncs: number
}

/** From the warm-up to the end; with steps, without the seconds in which the rate is looked for. */
function isCounted(atMs: number, { steps }: Scene): boolean {
  const third = lengthMs / 3
  const sinceStepMs = steps ? atMs % third : atMs
  return sinceStepMs > Math.min(warmUpMs, third / 2)
}

function run(scene: Scene, seed: number): Seen {
  const { rateBps, steps, beside, conditions } = scene
  const link = { rateBps, delayUs, queueUs, ...conditions }
  const stream = new SimulatedStream({ seed, link, backDelayUs: delayUs })
  const second =
    beside === 'another session'
      ? new SimulatedStream({ seed: seed + 100, link, backDelayUs: delayUs, over: stream })
      : undefined
  const cubic = beside === 'cubic' ? downloadOver(stream) : undefined
  let possibleBits = 0
  let carriedBits = 0
  const got = { own: 0, others: 0 }
  const others = () => (second?.viewer.receivedBytes ?? 0) + (cubic?.receivedBytes ?? 0)
  for (let ms = 0; ms < lengthMs; ms++) {
    if (steps && ms === Math.floor(lengthMs / 3)) stream.link.conditions.rateBps = steps[0]
    if (steps && ms === Math.floor((2 * lengthMs) / 3)) stream.link.conditions.rateBps = steps[1]
    const before = [stream.viewer.receivedBytes, others(), stream.link.carriedBytes] as const
    stream.run(1)
    second?.run(1)
    cubic?.run(ms * 1000 + 1000)
    if (!isCounted(ms, scene)) continue
    possibleBits += stream.link.conditions.rateBps / 1000
    carriedBits += (stream.link.carriedBytes - before[2]) * 8
    got.own += stream.viewer.receivedBytes - before[0]
    got.others += others() - before[1]
  }
  const waits = [...stream.waits, ...(second?.waits ?? [])].filter(({ atMs }) => isCounted(atMs, scene))
  return {
    used: carriedBits / possibleBits,
    own: got.own / (got.own + got.others),
    waitsMs: waits.map(({ waitMs }) => waitMs),
    freezeMs: stream.viewer.longestFreezeMs,
    resyncs: stream.resyncs,
  }
}

function downloadOver({ link }: SimulatedStream): CubicFlow {
  const flow = new CubicFlow((packet, bytes, nowUs) => {
    const viewer: SimulatedReceiver = { onDatagram: (_, atUs) => flow.onDatagram(packet, atUs) }
    link.send({ viewer, ...packet, video: undefined }, bytes, nowUs)
  }, delayUs)
  return flow
}

function main(): void {
  const rows = scenes.map((scene) => {
    const seen = seeds.map((seed) => run(scene, seed))
    const mean = (of: (one: Seen) => number) => seen.reduce((sum, one) => sum + of(one), 0) / seen.length
    return [
      scene.name,
      `${(100 * mean(({ used }) => used)).toFixed(1)} %`,
      scene.beside ? `${(100 * mean(({ own }) => own)).toFixed(1)} %` : '–',
      percentiles(
        seen.flatMap(({ waitsMs }) => waitsMs),
        [0.5, 0.95, 0.99],
      ),
      Math.max(...seen.map(({ freezeMs }) => freezeMs)).toFixed(0),
      mean(({ resyncs }) => resyncs).toFixed(1),
    ]
  })
  const head = [
    `link, ${delayUs / 1000} ms each way`,
    'used',
    'of it by the session',
    'queue ms p50 / p95 / p99',
    'longest freeze ms',
    'fell behind',
  ]
  console.log(`${describeRun()}\n\n${table(head, rows)}`)
}

main()
