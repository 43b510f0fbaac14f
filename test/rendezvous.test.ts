import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PipeMessage } from '../src/kernel/pipe.ts'
import { NativeError } from '../src/net/native/native-error.ts'
import { decodeRendezvousHost, encodeRendezvous, type RendezvousClientMessage } from '../src/wire/reach/protocol.ts'
import { openRendezvousScene } from './support/rendezvous-scene.ts'
import { natBehaviours } from './support/simulated-network.ts'

for (const [client, host, kind] of [
  ['restricted', 'port-restricted', 'direct'],
  ['symmetric', 'symmetric', 'relayed'],
  ['udp-blocked', 'restricted', 'web-port'],
] as const) {
  test(`a client behind ${client} meets a host behind ${host} at its web port, and has a ${kind} path`, async (t) => {
    const scene = openRendezvousScene(t, { client: natBehaviours[client], host: natBehaviours[host] })
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
    assert.equal(other.path.kind, kind)
    // The end of the channel is the end of all that was kept for it: the relay forwards nothing of it any more.
    link.close('closed')
    meeting[Symbol.dispose]()
    await scene.run(20_000)
    assert.deepEqual([scene.desk.size, scene.host.port.size, scene.leases.size], [0, 0, 0])
    assert.equal(scene.relay.core.sessionCount, 0)
    assert.equal(scene.recordings.length, 1)
  })
}

test('a client whose web socket is cut goes on by its path, comes back to its meeting, and has the tunnel again', async (t) => {
  const scene = openRendezvousScene(t, { client: natBehaviours.symmetric, host: natBehaviours.symmetric })
  const meeting = await scene.meet()
  await scene.dial(meeting)
  scene.cutWebPort(false)
  await scene.run(5000)
  assert.equal(meeting.reach.current?.kind, 'relayed')
  assert.match(meeting.reach.explanation, /web port https:\/\/host\.test, no answer/)
  scene.cutWebPort(true)
  await scene.run(15_000)
  assert.match(meeting.reach.explanation, /web port https:\/\/host\.test, \d+ ms, kept warm/)
  assert.equal(scene.desk.size, 1)
  meeting[Symbol.dispose]()
})

test('a client on another network comes back to its meeting on a new web socket, whatever becomes of the former one', async (t) => {
  const scene = openRendezvousScene(t, { client: natBehaviours.symmetric, host: natBehaviours.symmetric })
  const meeting = await scene.meet()
  await scene.dial(meeting)
  const [before] = scene.pipes
  scene.moveClient()
  await scene.run(10_000)
  assert.equal(before?.open, false)
  assert.deepEqual([scene.pipes.length, scene.pipes.at(-1)?.open, scene.desk.size], [2, true, 1])
  assert.match(meeting.reach.explanation, /web port https:\/\/host\.test, \d+ ms.*, kept warm/)
  meeting[Symbol.dispose]()
})

test('who names another host, asks too often, or breaks the protocol is refused, and costs nothing', async (t) => {
  const scene = openRendezvousScene(t, { client: natBehaviours.open, host: natBehaviours.open })
  await assert.rejects(
    scene.meet(new Uint8Array(32).fill(5)),
    (error) =>
      error instanceof NativeError && error.code === 'unreachable' && error.message.includes('No host of that key'),
  )
  const introduce = {
    type: 'introduce' as const,
    fragment: 'abcd',
    password: 'x'.repeat(24),
    relayKey: 'A'.repeat(43),
    candidates: [],
    to: Buffer.from(scene.host.own.publicKey).toString('base64url'),
  } satisfies RendezvousClientMessage
  /** What is said in answer, and how it ended. */
  const say = async (...messages: PipeMessage[]) => {
    const pipe = await scene.connect('192.0.2.77')
    const heard: string[] = []
    pipe.listen({
      message: (message) => {
        if (typeof message !== 'string') return
        const said = decodeRendezvousHost(message)
        heard.push(said.type === 'refused' ? said.code : said.type)
      },
      fault: () => {},
    })
    for (const message of messages) pipe.send(message)
    await scene.run(100)
    return { pipe, heard, isOpen: pipe.open }
  }
  assert.equal((await say('{')).isOpen, false)
  assert.equal((await say('x'.repeat(9000))).isOpen, false)
  assert.equal((await say(Uint8Array.of(1, 2, 3))).isOpen, false)
  assert.equal((await say('{"type":"candidates","candidates":[]}')).isOpen, false)
  assert.deepEqual((await say('{"type":"return","ticket":"aaaaaaaaaaaaaaaaaaaaaaaa"}')).heard, ['unknown-ticket'])
  const outcomes = new Set<string>()
  for (let count = 0; count < 40; count++) outcomes.add((await say(encodeRendezvous(introduce))).heard[0] ?? 'nothing')
  assert.deepEqual(outcomes, new Set(['introduce', 'busy']))
  assert.ok(scene.desk.size <= 16)
  const silent = await say()
  await scene.run(11_000)
  assert.equal(silent.pipe.open, false)
  // Those who met and opened no channel are forgotten.
  await scene.run(60_000)
  assert.deepEqual([scene.desk.size, scene.host.port.size], [0, 0])
})
