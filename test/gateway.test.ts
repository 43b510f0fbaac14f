import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NativeError } from '../src/net/native/native-error.ts'
import { MemoryGateway } from './support/memory-gateway.ts'
import { openRendezvousScene } from './support/rendezvous-scene.ts'
import { natBehaviours } from './support/simulated-network.ts'

for (const [client, host, kind] of [
  ['restricted', 'port-restricted', 'direct'],
  ['symmetric', 'symmetric', 'relayed'],
  ['udp-blocked', 'restricted', 'web-port'],
  ['udp-blocked', 'udp-blocked', 'web-port'],
] as const) {
  test(`a client behind ${client} finds a host behind ${host} at a gateway, and has a ${kind} path`, async (t) => {
    const nats = { client: natBehaviours[client], host: natBehaviours[host] }
    let gateway: MemoryGateway | undefined
    const scene = openRendezvousScene(t, nats, (clock) => (gateway = new MemoryGateway(clock)))
    await scene.run(200)
    assert.equal(scene.registration?.state.value.kind, 'registered')
    const meeting = await scene.meet()
    const link = await scene.dial(meeting)
    await scene.run(1000)
    assert.equal(meeting.reach.current?.kind, kind)
    const heard: string[] = []
    const other = scene.links.at(-1)
    assert.ok(other)
    other.onDatagram = (bytes) => void heard.push(new TextDecoder().decode(bytes))
    link.send(new TextEncoder().encode('hello'))
    await scene.run(200)
    assert.deepEqual(heard, ['hello'])
    assert.ok((gateway?.hosts.counts.handedOn ?? 0) > 0)
    link.close('closed')
    meeting[Symbol.dispose]()
    await scene.run(20_000)
    assert.deepEqual([scene.desk.size, gateway?.hosts.counts.visits, gateway?.hosts.counts.hosts], [0, 0, 1])
    assert.deepEqual([scene.recordings.length, gateway?.hosts.counts.joined], [1, 1])
  })
}

test('a gateway that is started again has its hosts back, and what runs through its tunnel goes on', async (t) => {
  const nats = { client: natBehaviours['udp-blocked'], host: natBehaviours.restricted }
  let gateway: MemoryGateway | undefined
  const scene = openRendezvousScene(t, nats, (clock) => (gateway = new MemoryGateway(clock)))
  assert.ok(gateway)
  await scene.run(200)
  const meeting = await scene.meet()
  const link = await scene.dial(meeting)
  gateway.isUp = false
  gateway.restart()
  await scene.run(3000)
  assert.match(String(Object.values(scene.registration?.state.value ?? {})), /connection refused/)
  gateway.isUp = true
  await scene.run(15_000)
  assert.equal(scene.registration?.state.value.kind, 'registered')
  const heard: string[] = []
  const other = scene.links.at(-1)
  assert.ok(other)
  other.onDatagram = (bytes) => void heard.push(new TextDecoder().decode(bytes))
  link.send(new TextEncoder().encode('still here'))
  await scene.run(200)
  assert.deepEqual(heard, ['still here'])
  assert.equal(scene.desk.size, 1)
  assert.ok(scene.registrations.length > 0)
  meeting[Symbol.dispose]()
})

test('who looks for a host that was never at the gateway, or has left it, hears which of both it is', async (t) => {
  const nats = { client: natBehaviours.open, host: natBehaviours.open }
  let gateway: MemoryGateway | undefined
  const scene = openRendezvousScene(t, nats, (clock) => (gateway = new MemoryGateway(clock)))
  assert.ok(gateway)
  const refusedWith = async (code: string) => {
    await assert.rejects(scene.meet(), (error) => error instanceof NativeError && error.code === code)
  }
  const { isUp } = gateway
  assert.equal(isUp, true)
  await scene.run(200)
  scene.registration?.[Symbol.dispose]()
  await scene.run(1000)
  await refusedWith('away')
  gateway.restart()
  await refusedWith('not-registered')
})
