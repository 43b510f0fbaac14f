import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostRegistration } from '../src/gateway/native/host-registration.ts'
import { openWebSocket } from '../src/http/open-websocket.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { silentLog } from '../src/kernel/log.ts'
import { until } from '../src/kernel/readable.ts'
import { nodeCrypto } from '../src/net/native/node-crypto.ts'
import { NativeError } from '../src/net/native/native-error.ts'
import { runControlPlane } from '../src/server/party/run-control-plane.ts'
import { rendezvousSubprotocol } from '../src/wire/reach/protocol.ts'
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

test('by real sockets a host registers at a control plane and comes for its visitors, and another version is told so', async (t) => {
  await using plane = await runControlPlane({
    dataDirectory: undefined,
    host: '127.0.0.1',
    port: 0,
    range: '10.66.0.0/16',
    isGateway: true,
    statusPort: undefined,
    clock: systemClock,
    log: silentLog,
  })
  const own = nodeCrypto.newKeyPair()
  const places: string[] = []
  const connect = (url: string, subprotocol: string) =>
    openWebSocket(url, { subprotocol, clock: systemClock, isCertified: false })
  const registration = new HostRegistration({
    url: plane.url,
    own,
    desk: {
      enter(pipe, { source, place }) {
        places.push(source, place)
        pipe.listen({ message: (message) => pipe.send(`host: ${String(message)}`), fault: () => {} })
      },
    },
    connect,
    clock: systemClock,
    random: () => 0.5,
    log: silentLog,
    keepRecording: undefined,
  })
  t.after(() => registration[Symbol.dispose]())
  if (registration.state.value.kind !== 'registered')
    await until(registration.state, ({ kind }) => kind === 'registered')
  const place = `${plane.url}/hosts/${Buffer.from(own.publicKey).toString('base64url')}`
  const visitor = await connect(place, rendezvousSubprotocol)
  const heard = Promise.withResolvers<unknown>()
  visitor.listen({ message: heard.resolve, fault: () => {} })
  visitor.send('hello')
  assert.equal(await heard.promise, 'host: hello')
  assert.deepEqual(places, ['gateway 127.0.0.1', `gateway ${plane.url}, 127.0.0.1`])
  await assert.rejects(connect(place, 'porchlight.reach.v9'), /same version of Porchlight at both ends/)
  await assert.rejects(connect(`${plane.url}/hosts`, 'porchlight.host.v9'), /same version/)
  visitor.close(1000, '')
})

test('a host learns the relays of its gateway, but for those to which nothing is to be sent', async (t) => {
  const nats = { client: natBehaviours.restricted, host: natBehaviours.restricted }
  let gateway: MemoryGateway | undefined
  const scene = openRendezvousScene(t, nats, (clock) => (gateway = new MemoryGateway(clock)))
  assert.ok(gateway)
  await scene.run(200)
  assert.deepEqual(scene.registration?.relays, [])
  const good = { address: '203.0.113.50', port: 3478 }
  const none = ['127.0.0.1', '224.0.0.1', '0.0.0.0'].map((address) => ({ address, port: 3478 }))
  gateway.relays = [...none, good]
  await scene.run(25_000)
  assert.deepEqual(scene.registration?.relays, [good])
})
