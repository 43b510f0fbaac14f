/**
 * A server under churn for a long time: viewers over WebRTC and through the web port, players with keys down, links made and revoked,
 * lobbies opened and closed, apps and the viewer process killed. Reports how memory and descriptors grow once all is warm, and what is
 * left when everybody has gone.
 *
 *     npm run bench soak [-- --minutes 60] [--seed 1]
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { eventually } from '../test/support/eventually.ts'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { openPorchlight, type RunningPorchlight } from '../test/support/running-porchlight.ts'
import { Churn } from './soak/churn.ts'
import { describeRun } from './support/describe-run.ts'
import { slope, table } from './support/figures.ts'
import { processGroups } from './support/house.ts'
import { MemoryMeter } from './support/memory-of.ts'
import { descriptorsOf, residentMb } from './support/process-tree.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
})
const durationMs = Number(values.minutes) * 60_000
const periodMs = 30_000
/** Heaps that have been filled once do not grow any more; before that, growth says nothing. */
const warmUpShare = 1 / 3
/** Whoever was cut off is remembered for a while; lobbies and sessions end with that. */
const settleMs = 90_000

interface Sample {
  readonly atMs: number
  /** Collected, of the server. */
  readonly heapMb: number
  readonly serverMb: number
  readonly viewersMb: number
  /** Of the waiting rooms; those of lobbies come and go. */
  readonly mediaMb: number
  readonly serverDescriptors: number
  readonly viewersDescriptors: number
  readonly sessions: number
  readonly processes: number
}

console.log(describeRun())
await using house = await openPorchlight({ flags: ['--app', 'test-pattern', '--size', '640x360'] })
await using meter = await MemoryMeter.open(house.pid)
const { id: firstLobby } = await house.firstLobby()
const before = await sample(0)
const churn = new Churn(house, firstLobby, seededRandom(Number(values.seed)))
const samples: Sample[] = []
const startedMs = performance.now()
for (let atMs = 0; atMs < durationMs;) {
  await pause(periodMs)
  atMs = performance.now() - startedMs
  const latest = await sample(atMs)
  samples.push(latest)
  console.error(`${(atMs / 60_000).toFixed(1)} min: ${JSON.stringify(latest)} ${JSON.stringify(churn.counts)}`)
}
await churn.stop()
const settled = (found: Sample) => found.sessions === 0 && found.processes <= before.processes
const after = await eventually(() => sample(Number.NaN), settled, { what: 'nobody', withinMs: settleMs }).catch(() =>
  sample(Number.NaN),
)
console.log(report())

async function sample(atMs: number): Promise<Sample> {
  const groups = await processGroups(house)
  const { heapKb, residentKb } = await meter.read()
  const [viewers = 0] = groups.viewers
  return {
    atMs,
    heapMb: heapKb / 1024,
    serverMb: residentKb / 1024,
    viewersMb: await residentMb(viewers),
    mediaMb: await residentMb(groups.media.toSorted((a, b) => a - b)[0] ?? 0),
    serverDescriptors: await descriptorsOf(house.pid),
    viewersDescriptors: await descriptorsOf(viewers),
    sessions: await sessions(house),
    processes: Object.values(groups).flat().length,
  }
}

async function sessions(of: RunningPorchlight): Promise<number> {
  return ((await of.api('GET', 'sessions')).json() as readonly unknown[]).length
}

function report(): string {
  const warm = samples.slice(Math.floor(samples.length * warmUpShare))
  const row = (name: string, read: (of: Sample) => number) => {
    const points = warm.map((each) => [each.atMs / 3_600_000, read(each)] as const)
    const shown = (value: number | undefined) => (value ?? Number.NaN).toFixed(1)
    return [name, read(before), points[0]?.[1], points.at(-1)?.[1], read(after), slope(points)].map((cell) =>
      typeof cell === 'string' ? cell : shown(cell),
    )
  }
  return [
    table(
      ['', 'before', 'warm', 'at the end of the churn', 'everybody gone', 'growth in an hour'],
      [
        row('JavaScript heap of the server, collected, MB', (of) => of.heapMb),
        row('server in RAM, MB', (of) => of.serverMb),
        row('viewer process in RAM, MB', (of) => of.viewersMb),
        row('media process of the waiting rooms in RAM, MB', (of) => of.mediaMb),
        row('descriptors of the server', (of) => of.serverDescriptors),
        row('descriptors of the viewer process', (of) => of.viewersDescriptors),
        row('sessions', (of) => of.sessions),
        row('processes', (of) => of.processes),
      ],
    ),
    table(
      ['what was done', 'times'],
      Object.entries(churn.counts).map(([what, times]) => [what, String(times)]),
    ),
  ].join('\n\n')
}
