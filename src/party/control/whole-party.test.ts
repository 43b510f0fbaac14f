import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateParty } from '../../../test/support/simulated-party.ts'

test('all live members of a party agree within 5 s while hosts come, go, crash and move, networks are cut and the host changes', async () => {
  for (const [seed, hosts] of [
    [1, 100],
    [2, 30],
  ] as const) {
    const party = await simulateParty({ seed, hosts, minutes: 8 })
    assert.ok(party.mostCompared > hosts / 2, JSON.stringify(party))
    assert.ok(party.hostChanges > 0 && party.partitions > 0 && party.crashes > 0, JSON.stringify(party))
  }
})
