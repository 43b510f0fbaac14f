/**
 * Whether what comes and goes leaves anything behind: joins and leaves of a lobby on one connection, X apps that are
 * started and stopped, what one of a hundred viewers costs when there is no network, whether a key stays down when
 * players are cut off, and whether what they say then arrives once. Needs Chromium, Xvnc and the terminal app.
 *
 *     npm run bench lifecycle [-- --only cycles,apps,hundred,cuts,texts] [--cycles 1000] [--apps 500] [--cuts 1000] [--seconds 6]
 */
import { parseArgs } from 'node:util'
import { measureApps } from './lifecycle/apps.ts'
import { measureCuts, measureTexts } from './lifecycle/cuts.ts'
import { measureCycles } from './lifecycle/cycles.ts'
import { measureHundred } from './lifecycle/hundred.ts'
import { describeRun } from './support/describe-run.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'cycles,apps,hundred,cuts,texts' },
    cycles: { type: 'string', default: '1000' },
    apps: { type: 'string', default: '500' },
    cuts: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '6' },
  },
})

const parts: Readonly<Record<string, () => Promise<string>>> = {
  cycles: () => measureCycles(Number(values.cycles)),
  apps: () => measureApps(Number(values.apps)),
  cuts: () => measureCuts(Number(values.cuts)),
  texts: () => measureTexts(Number(values.cuts)),
  hundred: () => measureHundred(Number(values.seconds) * 1000),
}

console.log(describeRun())
for (const name of values.only.split(',')) {
  const part = parts[name]
  if (!part) throw new RangeError(`Cannot measure "${name}": wanted ${Object.keys(parts).join(', ')}`)
  console.log(`\n${await part()}`)
}
