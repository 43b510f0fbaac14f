import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { MemoryParties } from '../../../test/support/memory-parties.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { Writable } from '../../kernel/readable.ts'
import type { MeshMode } from '../../party/mesh/mesh-mode.ts'
import { keyPairFrom, nodeCrypto } from '../../net/native/node-crypto.ts'
import { encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import { HostNetwork } from './host-network.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import type { KeptList, PartySettings } from './party-settings.ts'

/** A setting of a server that keeps nothing. */
function keptInMemory<T>(): KeptList<T> {
  const list = new Writable<readonly T[]>([])
  return {
    get value() {
      return list.value
    },
    subscribe: (listener) => list.subscribe(listener),
    keep: (wanted) => list.set(wanted),
  }
}

/** Whether nothing listens at a port of this machine. */
async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}

type ChosenInMemory = PartySettings & { readonly mesh: Writable<MeshMode> }

const nothingKept = { read: () => undefined, write: () => {}, remove: () => {} }

test('two hosts of a party reach each other by the signals of their control plane, share a port, and stop when the party is over', async (t) => {
  const world = new MemoryParties()
  const secrets = [nodeCrypto.random(32), nodeCrypto.random(32)] as const
  const members = [await world.openMember('ada', secrets[0]), await world.openMember('bob', secrets[1])] as const
  const [ada, bob] = members
  /** Time of the control plane goes on, and that of the network. */
  const until = async (what: string, isSo: () => boolean | Promise<boolean>) => {
    for (let turn = 0; !(await isSo()); turn++) {
      if (turn > 2000) throw new Error(`It did not come to this: ${what}`)
      await world.pass(100)
      await pause(10)
    }
  }
  const during = async <T>(deed: Promise<T>): Promise<T> => {
    let isDone = false
    const marked = deed.finally(() => (isDone = true))
    marked.catch(() => {})
    await until('a call is answered', () => isDone)
    return marked
  }
  const choices = members.map(() => ({
    mesh: new Writable<MeshMode>('off'),
    shares: keptInMemory<PortShare>(),
    ports: keptInMemory<OpenedPort>(),
  })) as unknown as readonly [ChosenInMemory, ChosenInMemory]
  const openNetwork = (at: 0 | 1) =>
    new HostNetwork({
      membership: members[at].manager,
      secret: secrets[at] ?? nodeCrypto.random(32),
      stunServers: async () => [],
      relay: async () => undefined,
      settings: choices[at],
      probesByBirthday: false,
      onProbed: () => {},
      mesh: { home: `host ${at}`, kept: nothingKept, gamePorts: [] },
      clock: systemClock,
      random: Math.random,
      log: silentLog,
    })
  const networks = [openNetwork(0), openNetwork(1)] as const
  const [adas, bobs] = networks
  t.after(async () => {
    await Promise.all(networks.map((network) => network.close()))
    await Promise.all(members.map(({ manager }) => manager.close()))
  })
  assert.match((await adas.view()).mesh.why ?? '', /no party/)
  await assert.rejects(bobs.openPort({ peerId: ada.manager.me, protocol: 'tcp', port: 1 }), { code: 'invalid' })

  const server = createServer((socket) => void socket.end('hello from ada')).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  adas.share({ protocol: 'tcp', port: 25_565, host: '127.0.0.1', hostPort: port })

  const { code } = await during(ada.manager.createParty({ name: 'Friday' }))
  await world.until('ada announces it', () => world.announced === 1)
  await during(bob.manager.joinParty({ by: code }))
  await until('both are connected', async () => {
    const views = await Promise.all(networks.map((network) => network.view()))
    return views.every(({ peers }) => peers.length === 1 && peers.every(({ state }) => state === 'connected'))
  })
  const known = ada.manager.peers()[0]
  assert.equal(known?.public_key, encodeKey(keyPairFrom(secrets[1]).publicKey))

  await bobs.openPort({ peerId: ada.manager.me, protocol: 'tcp', port: 25_565, localPort: 0 })
  const { ports } = await bobs.view()
  const heard = await text(connect(ports[0]?.localPort ?? 0, '127.0.0.1'))
  assert.equal(heard, 'hello from ada')
  assert.deepEqual((await adas.view()).shares[0]?.members, null)

  // What is chosen counts at once, and comes back where a host is started again.
  const chosen = choices[1]
  await bobs.close()
  const again = openNetwork(1)
  t.after(() => again.close())
  await until('the port leads there again', async () => (await again.view()).ports[0]?.isOpen === true)
  assert.equal(await text(connect(ports[0]?.localPort ?? 0, '127.0.0.1')), 'hello from ada')
  chosen.ports.keep([])
  await until('it is closed', async () => (await again.view()).ports.length === 0)
  await until('nobody listens there', () => isRefused(ports[0]?.localPort ?? 0))

  await during(ada.manager.endParty())
  await until('the network is gone', async () => {
    const views = await Promise.all([adas, again].map((network) => network.view()))
    return views.every(({ peers, nat }) => peers.length === 0 && nat === null)
  })
  assert.equal((await adas.view()).shares.length, 1, 'what is shared stays for the next party')
})
