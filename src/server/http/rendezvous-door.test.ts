import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { RendezvousDesk } from '../../gateway/native/rendezvous-desk.ts'
import { websocketPipe } from '../../http/websocket-pipe.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { RemoteReach } from '../../viewer/remote-reach.ts'
import { decodeRendezvousHost, encodeRendezvous, rendezvousSubprotocol } from '../../wire/reach/protocol.ts'
import { openRendezvousDoor } from './rendezvous-door.ts'

const publicKey = new Uint8Array(32).fill(7)
const introduction = {
  type: 'introduce' as const,
  fragment: 'abcd',
  password: 'x'.repeat(24),
  relayKey: 'A'.repeat(43),
  candidates: [],
}

test('a visitor behind a proxy of this machine cannot use up the places of the others there', async (t) => {
  let tickets = 0
  const origins: string[] = []
  const desk = new RendezvousDesk({
    viewerProcess: {
      openReach(origin, events) {
        origins.push(origin)
        const run = {
          send: (order: { type: string }) => void (order.type === 'reach-signal' && events.signal(introduction)),
          packet() {},
        }
        return new RemoteReach({ id: origins.length, origin, events, run })
      },
    },
    publicKey,
    leases: { grant: () => ({ revoke() {} }) },
    clock: systemClock,
    log: silentLog,
    randomBytes: (count) => new Uint8Array(count).fill(++tickets),
    keepRecording: undefined,
  })
  const door = openRendezvousDoor({
    meet: () => (socket, from) => desk.enter(websocketPipe(socket, systemClock), from),
    clock: systemClock,
    log: silentLog,
  })
  const server = createServer().on('upgrade', (request, socket, head) => door.enter({ request, socket, head }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    desk.close()
    door.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const meet = async (forwardedFor?: string): Promise<string> => {
    const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, rendezvousSubprotocol, { headers })
    await once(socket, 'open')
    socket.send(encodeRendezvous({ ...introduction, to: Buffer.from(publicKey).toString('base64url') }))
    const [answer] = (await once(socket, 'message')) as [Buffer]
    const said = decodeRendezvousHost(String(answer))
    return said.type === 'refused' ? said.code : said.type
  }
  const greedy: string[] = []
  // What the client itself writes into the header stands before what the proxy adds, and counts for nothing.
  for (let count = 0; count < 20; count++) greedy.push(await meet(`198.51.100.${count}, 203.0.113.9`))
  assert.deepEqual(new Set(greedy.slice(0, 16)), new Set(['introduce']))
  assert.deepEqual(new Set(greedy.slice(16)), new Set(['busy']))
  assert.equal(await meet('203.0.113.10'), 'introduce')
  assert.equal(await meet(), 'introduce')
  assert.deepEqual(new Set(origins), new Set(['203.0.113.9', '203.0.113.10', '127.0.0.1']))
})
