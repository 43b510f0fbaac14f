import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryParties } from '../../../test/support/memory-parties.ts'
import { systemClock } from '../../kernel/clock.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { stunOfParty } from './stun-of-party.ts'

test('relays that are well at the control plane of the party are asked behind the STUN servers that were named here', async (t) => {
  const world = new MemoryParties()
  const [ada, bob] = [await world.openMember('ada'), await world.openMember('bob')]
  t.after(() => Promise.all([ada, bob].map(({ manager }) => manager.close())))
  assert.deepEqual(await ada.manager.relays(), [], 'in no party')
  const created = ada.manager.createParty({ name: 'Friday' })
  await world.pass(4000)
  await created
  const report = (relayId: string, publicIp: string, sessions: number) =>
    ada.plane.registry.relays.report({ relayId, publicIp, port: 3478, region: 'eu', capacity: 10, sessions })
  await report('gone', '203.0.113.9', 0)
  await world.pass(100_000)
  await report('busy', '203.0.113.1', 9)
  await report('idle', '203.0.113.2', 0)
  // What leads back to this machine, or to a crowd, is nobody's relay.
  await report('loop', '127.0.0.1', 10)
  await report('crowd', '239.0.0.1', 10)
  const named = [
    { address: '198.51.100.7', port: 3478 },
    { address: '203.0.113.1', port: 3478 },
  ]
  const failed: string[] = []
  const ask = (relays: () => ReturnType<typeof ada.manager.relays>) =>
    stunOfParty({ named, relays, clock: systemClock, failed: (why) => failed.push(why) })
  assert.deepEqual(await ask(() => ada.manager.relays()), [
    ...named.map((at) => ({ at, by: 'settings' })),
    { at: { address: '203.0.113.2', port: 3478 }, by: 'control-plane' },
  ])
  assert.deepEqual(failed, [])
  await assert.doesNotReject(ask(() => Promise.reject(new Error('away'))))
  assert.deepEqual(failed, ['away'])
})

test('a control plane that does not tell its relays holds nothing up, and no more than four of many are asked', async () => {
  const clock = new ManualClock()
  const failed: string[] = []
  const asked = stunOfParty({
    named: [],
    relays: () => new Promise(() => {}),
    clock,
    failed: (why) => failed.push(why),
  })
  clock.advance(3000)
  assert.deepEqual(await asked, [])
  assert.match(failed[0] ?? '', /in time/)
  const many = Array.from({ length: 200 }, (_, at) => ({ address: `203.0.113.${at + 1}`, port: 3478 }))
  const few = await stunOfParty({ named: [], relays: async () => many, clock, failed: () => {} })
  assert.equal(few.length, 4)
})
