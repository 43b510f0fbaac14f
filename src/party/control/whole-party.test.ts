import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateParty } from '../../../test/support/simulated-party.ts'
import { partyId } from '../../../test/support/simulated-host.ts'

for (const { kind, runs, minutes } of [
  {
    kind: 'clients',
    runs: [
      [1, 100],
      [2, 30],
    ],
    minutes: 8,
  },
  {
    kind: 'managers',
    runs: [
      [7, 20],
      [8, 20],
    ],
    minutes: 4,
  },
] as const) {
  test(`all live members of a party agree within 5 s while hosts come, go, crash and move, networks are cut and the host changes: ${kind}`, async () => {
    const all = { hostChanges: 0, partitions: 0, crashes: 0 }
    for (const [seed, hosts] of runs) {
      const party = await simulateParty({ seed, hosts, minutes, kind })
      assert.ok(party.mostCompared > hosts / 2, JSON.stringify(party))
      all.hostChanges += party.hostChanges
      all.partitions += party.partitions
      all.crashes += party.crashes
    }
    assert.ok(all.hostChanges > 0 && all.partitions > 0 && all.crashes > 0, JSON.stringify(all))
  })
}

test('a party that fails tells its seed, and the few of its events that it takes to fail', async () => {
  const failing = simulateParty({
    seed: 7,
    hosts: 8,
    minutes: 4,
    kind: 'clients',
    // As if somebody who leaves took the address of the host along.
    sabotage({ registry }) {
      const { addresses, peers, record } = registry.party(partyId)
      const stale = addresses.get('host-3')
      if (stale && !peers.has('host-3')) addresses.set(record.hostId, stale)
    },
  })
  await assert.rejects(failing, (error: Error) => {
    assert.match(error.message, /seed 7 \(8 clients\) failed after [\d.]+ s: an address is there twice/)
    const [, ...events] = error.message.split('\n')
    assert.match(events.join('\n'), /host-3 come/)
    assert.match(events.join('\n'), /host-3 leave/)
    assert.ok(events.length <= 4, error.message)
    return true
  })
})
