import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import * as v from 'valibot'
import { systemClock } from '../../../src/kernel/clock.ts'
import { openMdns } from '../../../src/net/mdns/open-mdns.ts'
import type { FoundService } from '../../../src/net/mdns/service.ts'
import { apiPrefix, moonlight } from '../../../src/wire/api/resources.ts'
import { ask } from '../../support/ask.ts'
import { eventually } from '../../support/eventually.ts'
import { NetNamespace } from '../../support/net-namespace.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../../support/private-network.ts'
import { openPorchlight } from '../../support/running-porchlight.ts'

const run = promisify(execFile)
const port = 21_000
/** Of the house and of who looks for it, at home and where strangers are. */
const home = { link: 'home', house: '192.168.77.5', laptop: '192.168.77.9' }
const abroad = { link: 'abroad', house: '93.184.216.34', laptop: '93.184.216.35' }
/** "PTR? _nvstream._tcp.local", byte by byte. */
const question = Buffer.from('000000000001000000000000095f6e7673747265616d045f746370056c6f63616c00000c0001', 'hex')
const type = Buffer.from('095f6e7673747265616d045f746370056c6f63616c00', 'hex')

if (!canHavePrivateNetwork()) test('finding by mDNS', { skip: 'this machine gives us no network namespaces' })
else if (await inPrivateNetwork()) await testFinding()

async function testFinding(): Promise<void> {
  const room = await NetNamespace.open()
  for (const { link, house, laptop } of [home, abroad]) {
    await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', link, 'netns', room.pid])
    await run('ip', ['address', 'add', `${laptop}/24`, 'dev', link])
    await run('ip', ['link', 'set', link, 'up'])
    await room.run('ip', 'address', 'add', `${house}/24`, 'dev', link)
    await room.run('ip', 'link', 'set', link, 'up')
  }
  await run('ip', ['link', 'set', 'lo', 'up'])
  await room.run('ip', 'link', 'set', 'lo', 'up')
  const flags = ['--no-lobby', '--host', '0.0.0.0', '--moonlight-port', `${port}`]
  const server = await openPorchlight({ prefix: room.prefix, flags })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await room[Symbol.asyncDispose]()
  })

  test('who asks on the own network is told where Moonlight clients come in, and nobody elsewhere', async () => {
    const answers = { home: [] as Buffer[], abroad: [] as Buffer[] }
    const sockets = [home, abroad].map(({ laptop }) => {
      const socket = createSocket({ type: 'udp4', reuseAddr: true })
      socket.bind(5353, () => {
        socket.addMembership('224.0.0.251', laptop)
        socket.setMulticastInterface(laptop)
      })
      socket.on('message', (bytes, { address }) => {
        if (address === home.house) answers.home.push(bytes)
        if (address === abroad.house) answers.abroad.push(bytes)
      })
      return socket
    })
    await Promise.all(sockets.map((socket) => once(socket, 'listening')))
    const look = () => {
      for (const socket of sockets) socket.send(question, 5353, '224.0.0.251')
      return answers.home.find((bytes) => (bytes[2] as number) & 0x80 && bytes.includes(type))
    }
    const answer = await eventually(look, (found) => found !== undefined, { what: 'an answer' })
    assert.ok(answer?.includes(Buffer.of(...home.house.split('.').map(Number))), 'its address is told')
    assert.ok(answer?.includes(Buffer.of(port >> 8, port & 0xff)), 'and its port')
    assert.deepEqual(answers.abroad, [], 'a public address hears nothing')
    for (const socket of sockets) socket.close()
  })

  test('a host is found with what it needs to be asked, and is gone with its server', async () => {
    let found: readonly FoundService[] = []
    const addresses = () => [home.laptop]
    await using mdns = await openMdns({ addresses, lets: () => true, clock: systemClock, random: Math.random })
    using _browsing = mdns.browse('_nvstream._tcp', (now) => (found = now))
    const [host] = await eventually(
      () => found,
      (now) => now.length > 0,
      { what: 'a host' },
    )
    assert.deepEqual(host?.addresses, [home.house])
    const { text } = await ask(host?.port ?? 0, { address: home.house, path: '/serverinfo?uniqueid=1' })
    assert.match(text, /<PairStatus>0<\/PairStatus>/)
    const path = `${apiPrefix}/moonlight`
    const headers = { Authorization: `Bearer ${server.ownerToken}` }
    const told = v.parse(moonlight, (await ask(server.port, { address: home.house, path, headers })).json())
    assert.deepEqual(told.announced, { name: host?.name, addresses: [home.house] })
    await server.stop()
    await eventually(
      () => found,
      (now) => now.length === 0,
      { what: 'its goodbye' },
    )
  })
}
