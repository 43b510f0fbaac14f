/**
 * What a viewer sees when the path under its session fails: the product's paths, relays, channel, transport and viewer in virtual time, over
 * simulated routers, so that a run is the same on every machine and under any load. For each mishap and seed: how long it takes from
 * what happened to the first picture that was taken after it, how many pictures are never shown, and the longest time without a new one. Then
 * the path heals, and the same is looked at while the session moves back.
 *
 *     npm run bench reach [-- --seeds 10] [--only 'path cut']
 */
import { parseArgs } from 'node:util'
import { between, mishaps, ReachedPictures, type Mishap, type Outcome } from '../test/support/reached-pictures.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '10' }, only: { type: 'string' } } })
const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => at + 1)
const settleMs = 2500
/** A degraded path is left after three seconds of checks that tell so. */
const watchMs = 8000

function row(name: string, outcomes: readonly Outcome[]): string[] {
  const of = (read: (outcome: Outcome) => number) =>
    [0.5, 0.95].map((share) => String(Math.round(percentile(outcomes.map(read), share)))).join(' / ')
  const kinds = (read: (outcome: Outcome) => string) =>
    [...new Set(outcomes.map((outcome) => read(outcome).replace(/ [\d.:]+$/, '')))].join(', ')
  return [
    name,
    `${kinds(({ before }) => before)} to ${kinds(({ after }) => after)}`,
    of(({ tookMs }) => tookMs),
    of(({ gapMs }) => gapMs),
    of(({ lost }) => lost),
    of(({ keysWanted }) => keysWanted),
  ]
}

const rows: string[][] = []
for (const name of Object.keys(mishaps) as Mishap[]) {
  if (values.only !== undefined && values.only !== name) continue
  const [failed, healed]: [Outcome[], Outcome[]] = [[], []]
  for (const seed of seeds) {
    await using pictures = await ReachedPictures.open({ seed, isRelayed: name === 'relay killed' })
    await pictures.native.run(settleMs + 37 * seed)
    failed.push(await pictures.watch(mishaps[name], watchMs))
    if (name === 'relay killed' || name === 'another address') continue
    healed.push(await pictures.watch((rig) => between(rig, { isCut: false, lossRatio: 0, delayMs: 10 }), watchMs))
  }
  rows.push(row(name, failed))
  if (healed.length > 0) rows.push(row(`${name}, healed`, healed))
}

console.log(`${describeRun()}\n`)
console.log(
  table(['what happens', 'path', 'ms to a picture p50 / p95', 'longest gap ms', 'pictures lost', 'keys wanted'], rows),
)
