/**
 * What a registry of parties takes: joins a second that are durable when they are acknowledged, beside plain inserts of SQLite with the
 * same durability, one by one and as many together; its memory with all of them; and how long a request waits while all
 * peers have fallen silent and are cleaned up. No network: the HTTP calls in front of it cost the same for every registry.
 *
 *     npm run bench control-plane [-- --parties 10000] [--peers 8] [--together 64]
 *
 * With `--kills` it does something else: it kills a control plane under load at so many random moments, and looks whether everything that was
 * acknowledged is there, and nothing half-written; it ends with 1 and says what is not.
 *
 *     npm run bench control-plane -- --kills 1000 [--clients 6] [--seed 1]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { systemClock, type Clock } from '../src/kernel/clock.ts'
import { silentLog } from '../src/kernel/log.ts'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { PartyRegistry } from '../src/party/registry/party-registry.ts'
import { openDatabase } from '../src/store/open-database.ts'
import { openPartyRecords } from '../src/store/open-party-records.ts'
import { openPartyTables } from '../src/store/party-tables.ts'
import { partySchema } from '../src/store/party-schema.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { killControlPlane } from '../test/support/killed-control-plane.ts'
import { describeRun } from './support/describe-run.ts'
import { percentile, table } from './support/figures.ts'

const { values } = parseArgs({
  options: {
    parties: { type: 'string', default: '10000' },
    peers: { type: 'string', default: '8' },
    together: { type: 'string', default: '64' },
    kills: { type: 'string' },
    clients: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
  },
})
const [parties, peers, together] = [Number(values.parties), Number(values.peers), Number(values.together)]
const plainInserts = 5000
const staleMs = 6 * 60_000

const directory = mkdtempSync(join(tmpdir(), 'porchlight-bench-control-'))
let aheadMs = 0
/** So that a minute of silence takes none. */
const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs }
try {
  console.log(describeRun())
  if (values.kills === undefined) await measure()
  else await killAgainAndAgain(Number(values.kills))
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** Kills it, and tells what that has cost. */
async function killAgainAndAgain(kills: number): Promise<void> {
  const startedMs = performance.now()
  const { acknowledged, faults } = await killControlPlane({
    directory,
    kills,
    clients: Number(values.clients),
    random: seededRandom(Number(values.seed)),
    onKill: (kill) => kill % 50 === 0 && console.log(`${kill} kills`),
  })
  const tookS = (performance.now() - startedMs) / 1000
  console.log(`${kills} kills in ${tookS.toFixed(0)} s, ${acknowledged} acknowledged changes, ${faults.length} faults.`)
  for (const fault of faults) console.log(fault)
  if (faults.length > 0) process.exitCode = 1
}

async function measure(): Promise<void> {
  const oneByOne = plain(1)
  const grouped = plain(together)
  const records = openPartyRecords(join(directory, 'parties.db'), { clock, log: silentLog })
  const registry = await PartyRegistry.open({ records, clock, log: silentLog })
  globalThis.gc?.()
  const beforeBytes = process.memoryUsage.rss()
  const startedMs = performance.now()
  await atOnce(parties, together, async (party) => {
    const id = `party-${party}`
    await registry.registerParty({ id, name: id, host: peer(`${id}-0`) })
    for (let number = 1; number < peers; number++) await registry.joinParty(id, peer(`${id}-${number}`))
  })
  const joins = (parties * peers) / ((performance.now() - startedMs) / 1000)
  globalThis.gc?.()
  const rssBytes = process.memoryUsage.rss() - beforeBytes
  console.log(
    table(
      ['durable joins', 'a second', 'beside as many plain inserts together'],
      [
        [`plain inserts, one a transaction`, oneByOne.toFixed(0), ''],
        [`plain inserts, ${together} a transaction`, grouped.toFixed(0), '1.00'],
        [
          `joins of ${parties} parties of ${peers}, ${together} at once`,
          joins.toFixed(0),
          (joins / grouped).toFixed(2),
        ],
      ],
    ),
  )
  console.log(
    `Memory with all of them: ${(rssBytes / 2 ** 20).toFixed(0)} MiB, ${(rssBytes / (parties * peers)).toFixed(0)} bytes a peer.\n`,
  )

  const quiet = await requestTimes(registry, pause(2000), 'quiet')
  aheadMs += staleMs
  const cleaningMs = performance.now()
  const cleaning = registry.cleanUp()
  const busy = await requestTimes(registry, cleaning, 'busy')
  const gone = await cleaning
  const tookMs = performance.now() - cleaningMs
  console.log(
    table(
      ['a join meanwhile', 'times', 'p50 ms', 'p99 ms', 'max ms'],
      [
        row('at rest', quiet),
        row(`while ${gone.peers} silent peers are cleaned up (${(tookMs / 1000).toFixed(1)} s)`, busy),
      ],
    ),
  )
  await registry.flush()
  await records.close()
}

function peer(peerId: string) {
  const nowhere = { publicIp: '198.51.100.1', publicPort: 4000, localIp: '10.0.0.2', localPort: 4000 }
  return { peerId, name: peerId, publicKey: 'k'.repeat(44), natType: 'full_cone' as const, ...nowhere }
}

/** Inserts of a peer and its address a second, so many of them a transaction. */
function plain(each: number): number {
  const database = openDatabase(join(directory, `plain-${each}.db`), 'migrate', partySchema)
  const tables = openPartyTables(database)
  const party = {
    id: 'p',
    name: 'p',
    hostId: 'p',
    createdMs: 0,
    admission: 'id',
    codeHash: undefined,
    whenHostLeaves: 'end',
  } as const
  tables.apply({ type: 'party', party })
  const startedMs = performance.now()
  for (let done = 0; done < plainInserts; done += each) {
    inTransaction(database, () => {
      for (let number = done; number < done + each; number++) {
        tables.apply({ type: 'peer', peer: { ...peer(`peer-${number}`), partyId: 'p', joinedMs: 0, seenMs: 0 } })
        tables.apply({ type: 'address', address: { partyId: 'p', peerId: `peer-${number}`, number: number + 1 } })
      }
    })
  }
  const perSecond = plainInserts / ((performance.now() - startedMs) / 1000)
  database.close()
  return perSecond
}

/** Does `each` for 0 to `count`, so many at once. */
async function atOnce(count: number, width: number, each: (number: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await each(next++)
    }),
  )
}

/** How long a join takes, again and again until `end`. */
async function requestTimes(registry: PartyRegistry, end: Promise<unknown>, name: string): Promise<readonly number[]> {
  const over = new AbortController()
  void end.finally(() => over.abort())
  const times: number[] = []
  await registry.registerParty({ id: name, name, host: peer(`${name}-host`) })
  while (!over.signal.aborted) {
    const startedMs = performance.now()
    await registry.joinParty(name, peer(`${name}-${times.length % 500}`))
    times.push(performance.now() - startedMs)
    await pause(1)
  }
  return times
}

function row(what: string, times: readonly number[]): readonly string[] {
  const of = (share: number) => percentile(times, share).toFixed(1)
  return [what, String(times.length), of(0.5), of(0.99), of(1)]
}
