import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { natBehaviours, SimulatedNetwork, type NatBehaviour } from '../../../test/support/simulated-network.ts'
import { openSimulatedStun } from '../../../test/support/simulated-stun.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { encodeStun } from '../../wire/stun/stun-codec.ts'
import { detectNat } from './detect-nat.ts'
import { canPunch, describeNat, natName, type NatFindings } from './nat-findings.ts'
import { answerStun } from './stun-responder.ts'
import { StunTransactions } from './stun-transactions.ts'

/** Runs a detection behind a router to its end in virtual time. */
async function detect(
  behaviour: NatBehaviour,
  options: { stun?: readonly (readonly string[])[]; lossRatio?: number } = {},
): Promise<NatFindings> {
  const clock = new ManualClock()
  const network = new SimulatedNetwork(clock, 7)
  const inside = behaviour.mapping === 'none' ? '198.51.100.2' : '10.0.1.2'
  const machine = network.machine('home', '198.51.100.2', behaviour, inside)
  const servers = (options.stun ?? [['203.0.113.1', '203.0.113.2']]).map((each) => openSimulatedStun(network, each))
  const socket = machine.open(5000)
  using stun = new StunTransactions(socket, clock)
  const found = detectNat({ stun, servers, addresses: [inside], port: 5000 })
  // Seven questions at most, each given up after a second and a half.
  for (let round = 0; round < 220; round++) {
    clock.advance(50)
    await new Promise((resolve) => void setImmediate(resolve))
  }
  return await found
}

for (const [name, behaviour] of Object.entries(natBehaviours)) {
  test(`detectNat knows ${name} from two addresses of one server`, async () => {
    assert.equal(natName(await detect(behaviour)), name)
  })
}

test('detectNat knows a firewall without NAT', async () => {
  const findings = await detect({ mapping: 'none', filtering: 'address-and-port', blocksUdp: false })
  assert.equal(natName(findings), 'firewall')
  assert.match(describeNat(findings), /a firewall.*seen as 198\.51\.100\.2:5000/)
})

test('detectNat tells the mapping from two servers that have one address each, and says what it cannot tell', async () => {
  const stun = [['203.0.113.1'], ['203.0.113.9']]
  const cone = await detect(natBehaviours.restricted, { stun })
  assert.ok(cone.kind === 'found')
  assert.deepEqual([cone.mapping, cone.filtering], ['endpoint-independent', 'unknown'])
  assert.match(describeNat(cone), /two addresses/)
  assert.equal(natName(await detect(natBehaviours.symmetric, { stun })), 'symmetric')
  const single = await detect(natBehaviours.symmetric, { stun: [['203.0.113.1']] })
  assert.equal(natName(single), 'unknown')
})

test('detectNat passes over a server that does not answer, and says whom it asked when none does', async () => {
  const findings = await detect(natBehaviours.open, { stun: [['203.0.113.1', '203.0.113.2']] })
  assert.equal(findings.kind, 'found')
  const none = await detect(natBehaviours['udp-blocked'])
  assert.ok(none.kind === 'blocked')
  assert.match(describeNat(none), /no answer from 203\.0\.113\.1:3478.*web port/)
  const unasked = await detect(natBehaviours.open, { stun: [] })
  assert.match(describeNat(unasked), /No STUN server/)
})

test('canPunch is the same from both ends, and no only where both ends are strict', () => {
  const names = ['open', 'full cone', 'restricted', 'port-restricted', 'symmetric'] as const
  const failing = names.flatMap((own, at) =>
    names.slice(at).flatMap((other) => {
      assert.equal(canPunch(own, other), canPunch(other, own))
      return canPunch(own, other) === 'no' ? [`${own} ${other}`] : []
    }),
  )
  assert.deepEqual(failing, ['port-restricted symmetric', 'symmetric symmetric'])
})

test('answerStun answers no answers and no nonsense, never changes to a place it does not have, and says what it does not know', () => {
  const from = { address: '198.51.100.2', port: 5000 }
  const at = { places: { addresses: ['203.0.113.1'], ports: [3478] }, address: 0, port: 0 }
  const id = new Uint8Array(12)
  const request = encodeStun({ kind: 'request', transactionId: id, attributes: {} })
  const answer = answerStun(request, from, at)
  assert.ok(answer)
  assert.equal(answerStun(answer.bytes, from, at), undefined)
  const change = { changeRequest: { address: true, port: false } }
  const refused = answerStun(encodeStun({ kind: 'request', transactionId: id, attributes: change }), from, at)
  assert.deepEqual([refused?.address, refused?.port], [0, 0])
  const strange = Uint8Array.from([...request.subarray(0, 20), 0x7f, 0xff, 0, 0])
  new DataView(strange.buffer).setUint16(2, 4)
  assert.ok((answerStun(strange, from, at)?.bytes.length ?? 0) > 20)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(answerStun(bytes, from, at), undefined)
    }),
  )
})
