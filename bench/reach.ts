/**
 * What a viewer sees when the path under its session fails: the product's paths, relays, channel, transport and viewer in virtual time, over
 * simulated routers, so that a run is the same on every machine and under any load. For each mishap and seed: how long it takes from
 * what happened to the first picture that was taken after it, how many pictures are never shown, and the longest time without a new one. Then
 * the path heals, and the same is looked at while the session moves back.
 *
 *     npm run bench reach [-- --seeds 10] [--only 'path cut']
 *
 * With --real the same happens to running sessions: a host, relays and viewers of the product in processes of their own, behind routers of
 * nftables in network namespaces; several viewers at a time, each round with new ones. With --pairs a session for each pair of routers: which
 * path it takes, and how long its first picture took. Both take root and nft.
 *
 *     npm run bench reach -- --real [--rounds 2] [--viewers 5] [--only 'path cut' --only 'relay killed']
 *     npm run bench reach -- --pairs [--host symmetric] [--birthday]
 */
import { parseArgs } from 'node:util'
import { between, mishaps, ReachedPictures, type Mishap, type Outcome } from '../test/support/reached-pictures.ts'
import { canHaveNatLab, labNats } from '../test/support/nat-lab.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../test/support/private-network.ts'
import { measurePairs } from './reach/pairs.ts'
import { measureSessions } from './reach/sessions.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    only: { type: 'string', multiple: true, default: [] },
    real: { type: 'boolean' },
    pairs: { type: 'boolean' },
    host: { type: 'string' },
    birthday: { type: 'boolean' },
    rounds: { type: 'string', default: '2' },
    viewers: { type: 'string', default: '5' },
  },
})
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

async function inVirtualTime(): Promise<string> {
  const rows: string[][] = []
  for (const name of Object.keys(mishaps) as Mishap[]) {
    if (values.only.length > 0 && !values.only.includes(name)) continue
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
  return table(
    ['what happens', 'path', 'ms to a picture p50 / p95', 'longest gap ms', 'pictures lost', 'keys wanted'],
    rows,
  )
}

async function inTheLab(measure: () => Promise<string>): Promise<string | undefined> {
  if (!canHavePrivateNetwork() || !canHaveNatLab())
    return 'Cannot be measured here: it takes network namespaces and nft.'
  return (await inPrivateNetwork()) ? await measure() : undefined
}

const told = values.real
  ? await inTheLab(() =>
      measureSessions({ rounds: Number(values.rounds), viewers: Number(values.viewers), only: values.only }),
    )
  : values.pairs
    ? await inTheLab(() =>
        measurePairs({ host: labNats.find((nat) => nat === values.host), hasBirthday: values.birthday === true }),
      )
    : await inVirtualTime()
if (told !== undefined) console.log(`${describeRun()}\n\n${told}`)
