import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { openScriptedNetwork } from '../../../test/support/scripted-network.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openStore } from '../../store/open-store.ts'
import type { ServerConfig } from '../config/config.ts'
import { NetworkError } from './network-error.ts'

function openRig(t: TestContext, config?: Pick<ServerConfig, 'host' | 'hostIsGiven' | 'tls'>) {
  const clock = new ManualClock()
  const store = openStore(':memory:', clock)
  const open = () => openScriptedNetwork({ settings: store.settings, clock, ...(config && { config }) })
  t.after(() => store.close())
  return { clock, open, network: open() }
}

/** Looks at the addresses of the machine again, and does what follows from them. */
async function later(clock: ManualClock): Promise<void> {
  clock.advance(5000)
  await setImmediate()
}

const refused = (code: NetworkError['code']) => (error: unknown) => error instanceof NetworkError && error.code === code

test('NetworkDoor is shut at first, and says where it would listen', (t) => {
  const { network } = openRig(t)
  assert.deepEqual(network.door.view, {
    open: false,
    remembered: false,
    fixed: null,
    port: 8080,
    udpPort: 8081,
    addresses: [{ address: '192.168.1.5', interface: 'eth0', link: 'https://192.168.1.5:8080/' }],
    certificate: null,
  })
  assert.deepEqual([...network.listening, ...network.media], [])
})

test('NetworkDoor listens on every private address and moves media there when it is opened, and goes back when it is shut', async (t) => {
  const { network } = openRig(t)
  network.addresses = { ...network.addresses, wlan0: ['10.0.0.7'], wwan0: ['8.8.4.4'] }
  await network.door.change({ open: true })
  assert.deepEqual([...network.listening], ['192.168.1.5', '10.0.0.7'])
  assert.deepEqual(network.door.opened, ['192.168.1.5', '10.0.0.7'])
  assert.deepEqual(network.media, ['192.168.1.5'], 'not where the Internet leads to')
  await network.door.change({ open: true })
  await network.door.change({ open: false })
  assert.deepEqual([...network.listening], [])
  assert.deepEqual([network.media, network.moved, network.door.view.open], [['192.168.1.5', 'as-begun'], 2, false])
})

test('NetworkDoor is opened again at the next start when that was chosen, and not otherwise', async (t) => {
  const { network, open } = openRig(t)
  for (const [wanted, isOpen] of [
    [{ open: true }, false],
    [{ open: true, remember: true }, true],
    [{ open: false }, false],
    [{ open: true, remember: true }, true],
    [{ open: true, remember: false }, false],
  ] as const) {
    await network.door.change(wanted)
    const next = open()
    await next.door.restore()
    assert.deepEqual([next.door.view.open, next.door.view.remembered], [isOpen, isOpen], JSON.stringify(wanted))
    await next.door.close()
  }
})

test('NetworkDoor refuses as a whole when a port is taken, TCP or UDP', async (t) => {
  const { network, open } = openRig(t)
  network.addresses = { ...network.addresses, wlan0: ['10.0.0.7'] }
  for (const taken of [network.taken, network.takenForMedia]) {
    taken.add('10.0.0.7')
    await assert.rejects(network.door.change({ open: true, remember: true }), refused('port-in-use'))
    assert.deepEqual([...network.listening, ...network.media], [])
    assert.deepEqual([network.door.view.open, network.door.view.remembered], [false, false])
    taken.clear()
  }
  await network.door.change({ open: true, remember: true })
  // What is remembered and cannot be had does not keep a server from starting.
  const next = open()
  next.taken.add('192.168.1.5')
  await next.door.restore()
  assert.deepEqual([next.door.view.open, next.door.view.remembered], [false, true])
})

test('NetworkDoor stays as it is where it was said with --host, where HTTPS is off, and where there is no network', async (t) => {
  const given = openRig(t, { host: '0.0.0.0', hostIsGiven: true, tls: { kind: 'own' } }).network
  await assert.rejects(given.door.change({ open: false }), refused('network-fixed'))
  assert.deepEqual([given.door.view.fixed, given.door.view.open], ['host-given', true])
  assert.equal(given.door.view.addresses[0]?.address, '192.168.1.5')
  const plain = openRig(t, { host: '127.0.0.1', hostIsGiven: false, tls: { kind: 'off' } }).network
  await assert.rejects(plain.door.change({ open: true }), refused('network-fixed'))
  assert.equal(plain.door.view.fixed, 'no-https')
  const { network } = openRig(t)
  network.addresses = { lo: ['127.0.0.1'], eth0: ['8.8.4.4', 'fe80::5'] }
  await assert.rejects(network.door.change({ open: true }), refused('no-private-address'))
  assert.deepEqual(network.media, [])
})

test('NetworkDoor follows the machine to another network', async (t) => {
  const { network, clock } = openRig(t)
  await network.door.change({ open: true })
  network.addresses = { lo: ['127.0.0.1'], wlan0: ['10.0.0.7'] }
  await later(clock)
  assert.deepEqual([...network.listening], ['10.0.0.7'])
  assert.equal(network.door.view.addresses[0]?.link, 'https://10.0.0.7:8080/')
  network.addresses = { lo: ['127.0.0.1'] }
  await later(clock)
  assert.deepEqual([[...network.listening], network.door.view.open], [[], true], 'between two networks')
  network.addresses = { lo: ['127.0.0.1'], eth0: ['192.168.1.5'], ppp0: ['8.8.4.4'] }
  await later(clock)
  assert.deepEqual([...network.listening], ['192.168.1.5'])
  assert.deepEqual(network.media, ['all', '192.168.1.5'])
  await network.door.close()
  assert.deepEqual([...network.listening], [])
})

test('NetworkDoor is not opened and shut without end', async (t) => {
  const { network, clock } = openRig(t)
  for (let turn = 0; turn < 6; turn++) await network.door.change({ open: turn % 2 === 0 })
  await assert.rejects(network.door.change({ open: true }), refused('too-many-changes'))
  clock.advance(10_000)
  await network.door.change({ open: true })
  assert.equal(network.door.view.open, true)
})
