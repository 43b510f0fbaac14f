/**
 * What a change of the kernel costs: this checkout and another, measured in turn in processes of their own, several times
 * each. The best of each counts, since noise only ever adds.
 *
 *     git worktree add /tmp/before COMMIT && ln -s $PWD/node_modules /tmp/before/node_modules
 *     npm run bench kernel-change -- --before /tmp/before [--rounds 5]
 */
import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { describeRun } from './support/describe-run.ts'

const { values } = parseArgs({ options: { before: { type: 'string' }, rounds: { type: 'string', default: '5' } } })
if (values.before === undefined) throw new Error('Name the checkout to compare with: --before DIRECTORY')

interface Figure {
  readonly what: string
  readonly unit: string
  readonly scale: number
  /** Of all rounds. */
  readonly best: (...values: readonly number[]) => number
  readonly wanted: string
}

const figures: Readonly<Record<string, Figure>> = {
  monitorNs: {
    what: 'monitor, a message of the signalling wire',
    unit: 'ns',
    scale: 1,
    best: Math.min,
    wanted: '<= 1.2',
  },
  stepsPerS: {
    what: 'machine, 1 streaming pair',
    unit: 'million steps/s',
    scale: 1e-6,
    best: Math.max,
    wanted: '>= 0.95',
  },
  stepsOfManyPerS: {
    what: 'machine, 1,000 streaming pairs',
    unit: 'million steps/s',
    scale: 1e-6,
    best: Math.max,
    wanted: '>= 0.95',
  },
  bytesPerSession: { what: 'an open session of two roles', unit: 'bytes', scale: 1, best: Math.min, wanted: '<= 1.1' },
}

async function measure(checkout: string): Promise<Readonly<Record<string, number>>> {
  const program = new URL('kernel/kernel-costs.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, checkout])
  return JSON.parse(stdout) as Readonly<Record<string, number>>
}

const measured: Readonly<Record<'before' | 'after', Readonly<Record<string, number>>[]>> = { before: [], after: [] }
for (let round = 0; round < Number(values.rounds); round++) {
  measured.before.push(await measure(values.before))
  measured.after.push(await measure('.'))
}
const rows = Object.entries(figures).map(([key, { what, unit, scale, best, wanted }]) => {
  const before = best(...measured.before.map((each) => each[key] ?? Number.NaN)) * scale
  const after = best(...measured.after.map((each) => each[key] ?? Number.NaN)) * scale
  return `| ${what} | ${before.toPrecision(4)} ${unit} | ${after.toPrecision(4)} ${unit} | ${(after / before).toFixed(2)} (${wanted}) |`
})
console.log(`${describeRun()}\n\n| what | before | after | ratio |\n| --- | --- | --- | --- |\n${rows.join('\n')}`)
