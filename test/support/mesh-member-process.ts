/**
 * One machine of a party, in whatever network namespace it is started in: all of a party's network, told of its party by its parent in the
 * place of a control plane, and programs that use the network as games and people do.
 */
import { createPrivateKey } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Writable } from '../../src/kernel/readable.ts'
import { signingKeyOf } from '../../src/net/relay/lease-signing.ts'
import { readPortRanges } from '../../src/party/broadcast/game-ports.ts'
import type { PartyMember } from '../../src/party/connection/peer-connections.ts'
import { networkWay } from '../../src/party/plane/network-way.ts'
import { PartyNetwork } from '../../src/party/party-network.ts'
import { partyTunnelSubprotocol } from '../../src/wire/party/tunnel.ts'
import { keptFile } from '../../src/server/party/kept-file.ts'
import type { PeerSignal } from '../../src/wire/party/peer-signal.ts'
import { copyTo, serveCopies } from './mesh/tcp-copy.ts'
import type { MemberAnswer, MemberOrder, MemberStart } from './mesh/member-orders.ts'

const start = JSON.parse(process.argv[2] ?? '') as MemberStart
const others = new Writable<readonly PartyMember[]>([])
type Hear = (from: string, data: PeerSignal) => void
const signalled = new Set<Hear>()
const say = (answer: MemberAnswer) => void process.send?.(answer)
const echoPort = 5202

process.on('message', (order: MemberOrder) => {
  if (order.type === 'peers') others.set(order.others)
  else if (order.type === 'signal') for (const hear of signalled) hear(order.peer, order.data)
  else void obey(order)
})
process.on('disconnect', () => process.exit())

const network = await PartyNetwork.open({
  party: {
    partyId: 'lab',
    ownId: start.id,
    ownVirtualIp: start.virtualIp,
    range: '10.66.0.0/16',
    others,
    signals: {
      send: (peer, data) => say({ type: 'signal', peer, data }),
      listen: (hear) => {
        signalled.add(hear)
        return () => void signalled.delete(hear)
      },
    },
    tunnel: {
      open: async () => {
        const { url, token } = start.plane
        const pipe = await networkWay({ url, fingerprint: undefined }, systemClock).openSocket(partyTunnelSubprotocol)
        return { pipe, token, where: url }
      },
    },
  },
  secret: Buffer.from(start.secret, 'base64'),
  stunServers: async () => [{ at: start.server, by: 'settings' }],
  ...(start.relayIssuer !== undefined && {
    relay: { address: start.server, name: 'relay.lab', issuer: signingKeyOf(createPrivateKey(start.relayIssuer)) },
  }),
  mesh: {
    mode: 'on',
    home: start.home,
    kept: keptFile(join(start.home, 'mesh-interface.json')),
    gamePorts: readPortRanges(start.gamePorts),
  },
  probesByBirthday: start.probesByBirthday,
  clock: systemClock,
  random: Math.random,
  log: silentLog,
})

await serveCopies(start.virtualIp, start.copyBytes)
const echo = createSocket('udp4').on('message', (bytes, { address, port }) => echo.send(bytes, port, address))
echo.bind(echoPort, start.virtualIp)
await once(echo, 'listening')
// As a game does: it hears whatever comes to its port, and answers who has asked.
const game = createSocket({ type: 'udp4', reuseAddr: true })
game.on('message', (bytes, { address, port }) => {
  const text = bytes.toString()
  say({ type: 'heard', text, from: address })
  if (text === 'who is there?') game.send(`I am ${start.id}`, port, address)
})
game.bind(start.gamePort, () => game.setBroadcast(true))
await once(game, 'listening')
say({ type: 'ready' })

async function obey(order: Exclude<MemberOrder, { type: 'peers' | 'signal' }>): Promise<void> {
  const { number } = order
  try {
    say({ type: 'done', number, result: await resultOf(order) })
  } catch (error) {
    say({ type: 'failed', number, why: String(error) })
  }
}

async function resultOf(order: Exclude<MemberOrder, { type: 'peers' | 'signal' }>): Promise<unknown> {
  switch (order.type) {
    case 'status':
      return network.status()
    case 'ping':
      return ping(order.to)
    case 'copy':
      return copyTo(order.to, start.copyBytes)
    case 'broadcast':
      for (let times = 0; times < (order.times ?? 1); times++)
        game.send(`${order.text}${times || ''}`, start.gamePort, order.to)
      return undefined
    case 'close':
      await network.close()
      return undefined
  }
}

/** Milliseconds there and back, of a datagram; undefined when none came within two seconds. */
async function ping(to: string): Promise<number | undefined> {
  const socket = createSocket('udp4')
  const sentMs = performance.now()
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(2000) }).then(
    () => performance.now() - sentMs,
    () => undefined,
  )
  socket.on('error', () => {})
  socket.send('ping', echoPort, to)
  const ms = await answered
  socket.close()
  return ms
}
