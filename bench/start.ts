/**
 * How long a start takes, to the port that listens and to the first lobby, whose app runs: with the code that Node has compiled
 * before, as `npm start` has it from the second time on, and without, in turns.
 *
 *     npm run bench start [-- --times 10]
 */
import { parseArgs } from 'node:util'
import { openPorchlight } from '../test/support/running-porchlight.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, percentiles, table } from './support/figures.ts'

const { values } = parseArgs({ options: { times: { type: 'string', default: '10' } } })
const ways = {
  'compiled before': {},
  'compiled anew': { NODE_DISABLE_COMPILE_CACHE: '1' },
}
const shares = [0.5, 0.95]

/** Since the program was started, in milliseconds. */
interface Start {
  readonly listensMs: number
  readonly readyMs: number
}

const run = describeRun()
const starts = new Map<string, Start[]>(Object.keys(ways).map((name) => [name, []]))
await start({})
for (let time = 0; time < Number(values.times); time++)
  for (const [name, environment] of Object.entries(ways)) starts.get(name)?.push(await start(environment))

console.log(`${run}\n`)
const base = starts.get('compiled anew') ?? []
console.log(
  table(
    ['code', 'starts', 'to a port that listens p50 / p95 ms', 'ratio', 'to the first lobby p50 / p95 ms', 'ratio'],
    [...starts].map(([name, those]) => [
      name,
      `${those.length}`,
      ...(['listensMs', 'readyMs'] as const).flatMap((what) => [
        percentiles(
          those.map((one) => one[what]),
          shares,
        ),
        (median(those, what) / median(base, what)).toFixed(2),
      ]),
    ]),
  ),
)

async function start(environment: Readonly<Record<string, string>>): Promise<Start> {
  const startedMs = Date.now()
  await using house = await openPorchlight({ flags: ['--app', 'terminal'], environment })
  const listensMs = house.listeningMs - startedMs
  await house.firstLobby()
  return { listensMs, readyMs: Date.now() - startedMs }
}

function median(those: readonly Start[], what: keyof Start): number {
  return percentile(
    those.map((one) => one[what]),
    0.5,
  )
}
