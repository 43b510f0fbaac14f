import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientWorld } from './testing/client-world.ts'
import { ScriptedHost, settle } from '../../test/support/scripted-host.ts'
import type { ServerMessage } from '../wire/signal/messages.ts'

const serverOf = (credential: string) => ({ urls: 'turn:turn.test', username: 'until-then', credential })
const lasting = (credential: string, iceServersForMs?: number) => ({
  iceServers: [serverOf(credential)],
  ...(iceServersForMs !== undefined && { iceServersForMs }),
})

/** A client that has a picture, at a host that answers its pings and its wishes for ICE servers. */
async function connected(forMs: number | undefined) {
  const { host, client, clock } = clientWorld(new ScriptedHost())
  const started = client.start()
  const ready = { type: 'ready', id: 's1', protocolVersion: 1, resumeToken: 'r1', role: 'player' } as const
  host.socket.open()
  host.socket.say({ ...ready, ...lasting('at first', forMs) })
  await host.answer()
  await started
  let answered = 0
  let asked = 0
  const answer = (message: ServerMessage) => host.socket.say(message)
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      clock.advance(1000)
      await settle()
      for (; answered < host.socket.heard.length; answered++) {
        const { type } = host.socket.heard[answered] ?? {}
        if (type === 'ping') answer({ type: 'pong', timestamp: 0 })
        if (type === 'ice-servers') answer({ type, ...lasting(`renewed ${++asked}`, forMs) })
      }
    }
  }
  const iceServers = () => host.peer.configuration.iceServers
  return { host, client, clock, pass, iceServers, wishes: () => asked }
}

test('a peer connection that is begun after the first credentials have expired has those of the last renewal', async () => {
  const { host, client, pass, iceServers, wishes } = await connected(480_000)
  assert.deepEqual(iceServers(), [serverOf('at first')])
  await pass(1_200_000)
  assert.equal(wishes(), 5, 'each when half of its time is over')
  assert.equal(client.state, 'connected')
  assert.equal(host.peers.length, 1, 'what stands goes on')
  host.peer.become('failed')
  await settle()
  await pass(1000)
  await host.answer()
  assert.equal(host.peers.length, 2)
  assert.deepEqual(iceServers(), [serverOf('renewed 5')])
  assert.equal(client.state, 'connected')
  await client.close()
  assert.equal(host.clock.pending, 0, 'nobody is asked any more')
})

test('who was told of ICE servers that stay asks no more, and however soon they expire, not more often than every five seconds', async () => {
  const lasts = await connected(undefined)
  await lasts.pass(3_600_000)
  assert.equal(lasts.wishes(), 0)
  await lasts.client.close()
  const hasty = await connected(0)
  await hasty.pass(60_000)
  assert.ok(hasty.wishes() >= 6 && hasty.wishes() <= 12, String(hasty.wishes()))
  await hasty.client.close()
})
