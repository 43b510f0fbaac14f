/**
 * What voices cost, and how long they take from one page to another. Needs Chromium, Xvnc, PulseAudio and the built page.
 *
 *     npm run bench voices [-- --only cost,delay] [--seconds 30]
 */
import { parseArgs } from 'node:util'
import { describeRun } from './support/describe-run.ts'
import { measureCost } from './voices/cost.ts'
import { measureMouthToEar } from './voices/mouth-to-ear.ts'

const { values } = parseArgs({
  options: { only: { type: 'string', default: 'cost,delay' }, seconds: { type: 'string', default: '30' } },
})
const seconds = Number(values.seconds)
const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  cost: () => measureCost(seconds),
  delay: () => measureMouthToEar(seconds),
}

console.log(describeRun())
for (const name of values.only.split(',')) {
  const part = parts[name]
  if (!part) throw new RangeError(`Cannot measure "${name}": wanted ${Object.keys(parts).join(', ')}`)
  console.log(`\n${await part()}`)
}
