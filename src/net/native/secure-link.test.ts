import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketNetwork } from '../../../test/support/packet-network.ts'
import { guestAddress, hostAddress, openSecureRig } from '../../../test/support/secure-rig.ts'
import { mostDatagramBytes } from '../../wire/native/sealed-message.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { SecureLink } from './secure-link.ts'

/** What comes at one end, as numbers of 32 bits. */
function numbersAt(link: SecureLink): number[] {
  const numbers: number[] = []
  link.onDatagram = (bytes) => void numbers.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))
  return numbers
}

function sendNumber(link: SecureLink, number: number): boolean {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, number)
  return link.send(bytes)
}

test('SecureLink brings each datagram once or not at all, unchanged, whatever the network does', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    using rig = openSecureRig({ seed })
    const { there, here } = await rig.connect()
    Object.assign(rig.network.weather, { jitterMs: 60, lossRatio: 0.1, duplicateRatio: 0.2, damageRatio: 0.05 })
    const came = numbersAt(here)
    for (let number = 0; number < 200; number++) {
      sendNumber(there, number)
      if (number % 10 === 0) await rig.pass(5)
    }
    await rig.pass(5000)
    assert.equal(new Set(came).size, came.length, 'nothing comes twice')
    assert.ok(came.every((number) => number >= 0 && number < 200))
    assert.ok(came.length > 150 && came.length < 195, `${came.length} of 200 came`)
    assert.ok(
      came.some((number, index) => number < (came[index - 1] ?? 0)),
      'some were overtaken',
    )
    assert.ok(here.statistics.repeated > 0 && here.statistics.forged > 0)
  }
})

test('SecureLink takes datagrams up to its limit', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  let length = 0
  here.onDatagram = (bytes) => (length = bytes.length)
  assert.equal(there.maxBytes, mostDatagramBytes)
  there.send(new Uint8Array(there.maxBytes))
  await rig.pass(50)
  assert.equal(length, there.maxBytes)
  assert.ok(rig.network.sent.every(({ bytes }) => bytes.length <= 1200))
  assert.throws(() => there.send(new Uint8Array(there.maxBytes + 1)), WireError)
})

test('SecureLink tells round trip and loss', async () => {
  using rig = openSecureRig()
  const { there } = await rig.connect()
  Object.assign(rig.network.weather, { delayMs: 40, lossRatio: 0.2 })
  for (let number = 0; number < 800; number++) {
    sendNumber(there, number)
    if (number % 4 === 0) await rig.pass(100)
  }
  const { roundTripMs, leastRoundTripMs, lossRatio, sentPackets } = there.statistics
  assert.ok(Math.abs((roundTripMs ?? 0) - 80) < 10, `${roundTripMs}`)
  assert.ok((leastRoundTripMs ?? 0) < 81)
  assert.ok(lossRatio > 0.12 && lossRatio < 0.28, `${lossRatio}`)
  assert.ok(sentPackets > 800)
})

test('SecureLink renews its keys by time, and loses nothing by it', async () => {
  const rules = { renewal: { afterMs: 500, afterPackets: 1e9, graceMs: 5000, gracePackets: 1e9 } }
  using rig = openSecureRig({ host: { rules }, guest: { rules } })
  const { there, here } = await rig.connect()
  rig.network.weather.jitterMs = 30
  const [came, cameThere] = [numbersAt(here), numbersAt(there)]
  for (let number = 0; number < 400; number++) {
    sendNumber(there, number)
    sendNumber(here, number)
    await rig.pass(5)
  }
  await rig.pass(200)
  assert.equal(came.length, 400)
  assert.equal(cameThere.length, 400)
  assert.ok(there.statistics.epoch >= 3, `${there.statistics.epoch}`)
  assert.ok(Math.abs(there.statistics.epoch - here.statistics.epoch) <= 1)
})

test('SecureLink renews its keys by count, also when much is lost', async () => {
  const renewal = { afterMs: 1e9, afterPackets: 20, graceMs: 1e9, gracePackets: 1e9 }
  using rig = openSecureRig({ guest: { rules: { renewal } } })
  const { there, here } = await rig.connect()
  rig.network.weather.lossRatio = 0.2
  const came = numbersAt(here)
  for (let number = 0; number < 400; number++) {
    sendNumber(there, number)
    await rig.pass(50)
  }
  assert.equal(there.ending, undefined)
  assert.ok(there.statistics.epoch > 8, `${there.statistics.epoch}`)
  assert.ok(came.length > 280, `${came.length}`)
})

test('SecureLink ends when keys that are due cannot be renewed', async () => {
  const rules = { renewal: { afterMs: 1000, afterPackets: 1e9, graceMs: 3000, gracePackets: 1e9 } }
  using rig = openSecureRig({ guest: { rules } })
  const { there, here } = await rig.connect()
  // The host never hears of it, though it hears all else.
  const { take } = rig.host.station
  rig.host.station.listen((bytes, path) => bytes.length !== 70 && take(bytes, path))
  await rig.pass(6000)
  assert.equal((await there.closed).cause, 'keys-expired')
  assert.equal(here.ending?.by ?? 'peer', 'peer')
})

test('SecureLink goes on when the address of one end changes, once that has proved to be there', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  const came = numbersAt(here)
  let moves = 0
  here.onPathChange = () => void moves++
  rig.network.move(rig.guest.station, '203.0.113.77:1234')
  sendNumber(there, 1)
  await rig.pass(15)
  assert.equal(here.path.name, `udp ${guestAddress}`, 'a short packet alone moves nothing')
  await rig.pass(1000)
  assert.equal(here.path.name, 'udp 203.0.113.77:1234')
  assert.equal(moves, 1)
  const back = numbersAt(there)
  sendNumber(here, 2)
  sendNumber(there, 3)
  await rig.pass(50)
  assert.deepEqual([came, back], [[1, 3], [2]])
})

test('SecureLink stays where it is when its packets come from an address that answers nothing, and sends no more there than came', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  const forger = '203.0.113.66:66'
  const before = rig.network.sent.length
  // Somebody on the way lets packets of the guest come from another address.
  rig.network.cuts.add(`${guestAddress}>${hostAddress}`)
  for (let number = 0; number < 20; number++) {
    there.send(new Uint8Array(200))
    const last = rig.network.sent.at(-1)
    if (last) rig.network.inject({ ...last, from: forger })
    await rig.pass(100)
  }
  assert.equal(here.path.name, `udp ${guestAddress}`)
  const sent = rig.network.sent.slice(before)
  const bytes = (from: string, to: string) =>
    sent.reduce((sum, each) => sum + (each.from === from && each.to === to ? each.bytes.length : 0), 0)
  assert.ok(bytes(hostAddress, forger) > 0)
  assert.ok(bytes(hostAddress, forger) < bytes(forger, hostAddress))
})

test('SecureLink takes a path that it has probed, and the peer follows', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  // The host has a second socket; a path says by which one it leads.
  const second = rig.network.station('192.0.2.1:9999')
  const by = ' by 9999'
  second.listen((bytes, path) => void rig.host.endpoint.receive(bytes, { ...path, name: path.name + by }))
  const first = { ...rig.host.station }
  rig.host.station.send = (bytes, path) =>
    path.name.endsWith(by)
      ? second.send(bytes, { ...path, name: path.name.slice(0, -by.length) })
      : first.send(bytes, path)
  const probed = there.probe(PacketNetwork.path('192.0.2.1:9999'))
  const dead = there.probe(PacketNetwork.path('192.0.2.99:1'))
  await rig.pass(3000)
  assert.equal(await probed, 20)
  assert.equal(await dead, undefined)
  assert.equal(there.path.name, `udp ${hostAddress}`, 'a probe alone moves nothing')
  let moves = 0
  there.onPathChange = () => void moves++
  there.take(PacketNetwork.path('192.0.2.1:9999'))
  const came = numbersAt(here)
  sendNumber(there, 5)
  await rig.pass(100)
  assert.deepEqual(came, [5])
  assert.equal(here.path.name, `udp ${guestAddress}${by}`)
  await rig.pass(3000)
  assert.deepEqual([moves, there.path.name], [1, 'udp 192.0.2.1:9999'])
})

test('SecureLink follows a host whose address has changed when the one before answers no more', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  rig.network.move(rig.host.station, '192.0.2.1:7777')
  await rig.pass(1000)
  assert.equal(there.path.name, `udp ${hostAddress}`)
  await rig.pass(3000)
  assert.equal(there.path.name, 'udp 192.0.2.1:7777')
  const came = numbersAt(here)
  sendNumber(there, 8)
  await rig.pass(50)
  assert.deepEqual(came, [8])
})

test('SecureLink notices at both ends that packets get through in one direction only', async () => {
  const rules = { silentMs: 4000 }
  using rig = openSecureRig({ host: { rules }, guest: { rules } })
  const { there, here } = await rig.connect()
  rig.network.cuts.add(`${hostAddress}>${guestAddress}`)
  await rig.pass(2000)
  assert.ok(there.statistics.unansweredMs > 1500 && here.statistics.unansweredMs > 1500)
  assert.ok(there.isOpen && here.isOpen)
  await rig.pass(3000)
  const causes = [(await there.closed).cause, (await here.closed).cause]
  assert.ok(causes.includes('silent'), causes.join())
  assert.deepEqual(new Set(causes), new Set(['silent']))
  await rig.pass(5000)
  assert.deepEqual(rig.host.endpoint.counts, { links: 0, pending: 0 })
  assert.equal(rig.clock.pending, 0)
})

test('SecureLink says why it ends, again when that was lost, and sends nothing more', async () => {
  using rig = openSecureRig()
  const { there, here } = await rig.connect()
  rig.network.cuts.add(`${hostAddress}>${guestAddress}`)
  here.close('refused', 'You were removed')
  here.close('closed')
  assert.equal(sendNumber(here, 1), false)
  assert.deepEqual(await here.closed, { cause: 'refused', by: 'here', reason: 'You were removed' })
  await rig.pass(100)
  assert.ok(there.isOpen)
  rig.network.cuts.clear()
  await rig.pass(1000)
  assert.deepEqual(await there.closed, { cause: 'refused', by: 'peer', reason: 'You were removed' })
  assert.equal(sendNumber(there, 1), false)
  await rig.pass(5000)
  assert.equal(rig.clock.pending, 0)
})
