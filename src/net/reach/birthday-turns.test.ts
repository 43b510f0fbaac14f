import assert from 'node:assert/strict'
import { test } from 'node:test'
import { natBehaviours } from '../../../test/support/simulated-network.ts'
import { SimulatedReach } from '../../../test/support/simulated-reach.ts'
import { birthdayLimits, birthdayPart, type BirthdayOutcome } from '../paths/birthday-probing.ts'

const at = (text: string) => {
  const [address = '', port = ''] = text.split(':')
  return { address, port: Number(port) }
}

test('birthdayPart has work for one end with a port for each destination, and for whoever meets it', () => {
  const [one, other, many] = [
    ['192.0.2.1:5000'],
    ['10.0.0.2:5000', '198.51.100.7:6000'],
    ['192.0.2.1:1', '192.0.2.1:2'],
  ]
  const part = (seen: readonly string[], told: readonly string[]) => birthdayPart(seen.map(at), told.map(at))
  assert.deepEqual(part(one, many), { kind: 'many ports', address: '192.0.2.1' })
  assert.deepEqual(part(many, other), { kind: 'many sockets', to: other.map(at) })
  for (const [seen, told] of [
    [one, other],
    [many, many],
    [many, []],
    [[], []],
  ] as const) {
    assert.equal(part(seen, told), undefined)
  }
})

const resultsOf = (probed: readonly BirthdayOutcome[]) => probed.map(({ result }) => result)

for (const [viewer, host] of [
  ['symmetric', 'port-restricted'],
  ['port-restricted', 'symmetric'],
] as const) {
  test(`a direct path opens by birthday between a viewer behind ${viewer} and a host behind ${host}, and is taken`, async () => {
    await using rig = new SimulatedReach(natBehaviours[viewer], natBehaviours[host], { birthday: ['viewer', 'host'] })
    const links = await rig.dial()
    await rig.run(2000)
    assert.equal(rig.viewer.reach.current?.kind, 'relayed')
    const sentBefore = rig.network.delivered + rig.network.dropped
    await rig.run(8000)
    assert.deepEqual(
      [rig.viewer, rig.host].map(({ reach }) => reach.current?.kind),
      ['direct', 'direct'],
    )
    for (const { probed } of [rig.viewer, rig.host]) assert.deepEqual(resultsOf(probed), ['opened'])
    assert.match(rig.viewer.reach.explanation, /birthday probing has opened a direct path \(\d+ probes/)
    assert.match(rig.viewer.news.at(-1)?.news.explanation ?? '', /^direct .*birthday probing/)
    // Those that met nobody are closed again.
    assert.ok(rig.spares >= 1 && rig.spares < 5, `${rig.spares} sockets`)
    const sent = rig.network.delivered + rig.network.dropped - sentBefore
    assert.ok(sent < 2 * 2 * birthdayLimits.perS * (birthdayLimits.forMs / 1000), `${sent} packets`)
    const heard: string[] = []
    links.host.onDatagram = (bytes) => void heard.push(new TextDecoder().decode(bytes))
    links.viewer.send(new TextEncoder().encode('by birthday'))
    await rig.run(200)
    assert.deepEqual(heard, ['by birthday'])
    rig.viewer.port[Symbol.dispose]()
    rig.host.port[Symbol.dispose]()
    assert.equal(rig.spares, 0)
  })
}

test('nothing is probed where it cannot help or one end does not do it, and what was in vain is not done again soon', async () => {
  const both = { birthday: ['viewer', 'host'] } as const
  const quiet = async (rig: SimulatedReach) => {
    await rig.dial()
    await rig.run(10_000)
    assert.equal(rig.spares, 0)
    assert.doesNotMatch(rig.viewer.reach.explanation + rig.host.reach.explanation, /birthday/)
  }
  const { symmetric, restricted, 'port-restricted': strict } = natBehaviours
  await using hopeless = new SimulatedReach(symmetric, symmetric, both)
  await quiet(hopeless)
  await using easy = new SimulatedReach(symmetric, restricted, both)
  await quiet(easy)
  await using alone = new SimulatedReach(symmetric, strict, { birthday: ['host'] })
  await quiet(alone)
  await using forbidden = new SimulatedReach(symmetric, strict, { ...both, policy: 'relay-only' })
  await quiet(forbidden)

  await using vain = new SimulatedReach(symmetric, strict, both)
  await vain.dial()
  vain.network.between(vain.viewer.machine, vain.host.machine, { isCut: true })
  await vain.run(12_000)
  assert.match(vain.host.reach.explanation, /birthday probing was in vain \(2048 probes, 6\.0 s\)/)
  assert.match(vain.viewer.reach.explanation, /birthday probing was in vain \(\d+ probes from 256 sockets, 6\.0 s\)/)
  assert.deepEqual(vain.host.probed, [
    { result: 'unanswered', part: 'many ports', probes: 2048, sockets: 0, tookMs: 6000 },
  ])
  assert.deepEqual(resultsOf(vain.viewer.probed), ['unanswered'])
  assert.equal(vain.spares, 0)
  const before = vain.network.dropped
  await vain.run(20_000)
  // Checks of the paths alone.
  assert.ok(vain.network.dropped - before < 500, `${vain.network.dropped - before}`)
})

test('an end that gets no socket to probe with says so, and not that nobody has answered', async () => {
  const { symmetric, 'port-restricted': strict } = natBehaviours
  await using rig = new SimulatedReach(symmetric, strict, { birthday: ['viewer', 'host'] })
  rig.hasNoSpares = true
  await rig.dial()
  await rig.run(12_000)
  assert.deepEqual([resultsOf(rig.viewer.probed), resultsOf(rig.host.probed)], [['no-sockets'], ['unanswered']])
})
