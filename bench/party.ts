/**
 * Parties of many hosts in virtual time, each from a seed of its own: churn, crashes, cut networks, hosts that leave. Each second, as long as
 * it lasts, it is looked whether the party has one host, no address twice, and whether all live members agree with what was
 * true within the last 5 s. Ends with 1 at the first seed for which that does not hold, and names it with the few of its events that it takes.
 *
 * Members are the product's own managers over a memory wire, of which a thousand run in a process, or clients written for this, which
 * take less (`--kind clients`); the control plane is the product's for both.
 *
 *     npm run bench party [-- --kind managers] [--hosts 100] [--minutes 10] [--seeds 3] [--first 1]
 */
import { parseArgs } from 'node:util'
import { simulateParty } from '../test/support/simulated-party.ts'
import { describeRun } from './support/describe-run.ts'
import { table } from './support/figures.ts'

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'managers' },
    hosts: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    seeds: { type: 'string', default: '3' },
    first: { type: 'string', default: '1' },
  },
})
const kind = values.kind === 'clients' ? 'clients' : 'managers'
const [hosts, minutes] = [Number(values.hosts ?? (kind === 'clients' ? 1000 : 100)), Number(values.minutes)]
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => Number(values.first) + index)

console.log(describeRun())
const rows: string[][] = []
for (const seed of seeds) {
  const startedMs = performance.now()
  const party = await simulateParty({ seed, hosts, minutes, kind })
  const tookS = (performance.now() - startedMs) / 1000
  const { joins, leaves, crashes, partitions, hostChanges, mostCompared, compared } = party
  rows.push(
    [seed, joins, leaves, crashes, partitions, hostChanges, mostCompared, compared]
      .map(String)
      .concat(tookS.toFixed(1)),
  )
}
console.log(
  table(['seed', 'joins', 'leaves', 'crashes', 'cuts', 'new hosts', 'live at once', 'views compared', 'took s'], rows),
)
