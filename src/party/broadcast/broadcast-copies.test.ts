import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUdpPacket } from '../../wire/ip/udp-packet.ts'
import { BroadcastCopies } from './broadcast-copies.ts'
import { readPortRanges, usualGamePorts } from './game-ports.ts'
import { broadcastFilter, type FilterInstruction } from './packet-filter.ts'

const others = ['10.66.0.2', '10.66.0.255']
const from = (options: { destination?: string; port?: number; data?: string } = {}) => {
  const { destination = '255.255.255.255', port = 27_960, data = 'who is there?' } = options
  return { source: '192.168.1.7', sourcePort: 5000, destination, destinationPort: port, data: Buffer.from(data) }
}
const open = (ports = '27950-27970') => new BroadcastCopies({ ports: readPortRanges(ports), mtuBytes: 1280, nowMs: 0 })

test('a broadcast becomes a copy for each of the others, from this machine’s address and the game’s port', () => {
  const copies = open().of(from(), { own: '10.66.0.1', others, nowMs: 0 })
  assert.deepEqual(
    copies.map(({ to }) => to),
    others,
  )
  for (const { to, bytes } of copies) {
    const { source, sourcePort, destination, destinationPort, data } = decodeUdpPacket(bytes)
    assert.deepEqual([source, sourcePort, destination, destinationPort], ['10.66.0.1', 5000, to, 27_960])
    assert.equal(Buffer.from(data).toString(), 'who is there?')
  }
})

test('what is not on the list of ports, for one machine alone, or too long is not sent on', () => {
  const copies = open()
  const at = { own: '10.66.0.1', others, nowMs: 0 }
  assert.deepEqual(copies.of(from({ port: 27_949 }), at), [])
  assert.deepEqual(
    copies.of(from({ destination: '10.66.0.255' }), at),
    [],
    'a machine whose address looks like one for many',
  )
  assert.deepEqual(copies.of(from({ data: 'x'.repeat(1253) }), at), [])
  assert.deepEqual(copies.of(from(), { ...at, others: [] }), [])
  assert.deepEqual(copies.counts, { forwarded: 0, repeated: 0, tooMany: 0, tooLong: 1 })
})

test('one that leaves by several interfaces at once is one, and the next one a second later is another', () => {
  const copies = open()
  const at = (nowMs: number) => copies.of(from(), { own: '10.66.0.1', others, nowMs }).length
  assert.deepEqual([at(0), at(1), at(149), at(150), at(1150)], [2, 0, 0, 2, 2])
  assert.deepEqual([copies.counts.forwarded, copies.counts.repeated], [3, 2])
})

test('a storm is bounded, on one port and on all, and what comes afterwards goes through', () => {
  const copies = open('1-65535')
  const send = (index: number, port: number, nowMs: number) =>
    copies.of(from({ port, data: String(index) }), { own: '10.66.0.1', others, nowMs })
  for (let index = 0; index < 10_000; index++) send(index, 27_960, index / 10)
  assert.ok(copies.counts.forwarded >= 40 && copies.counts.forwarded <= 61, `${copies.counts.forwarded}`)
  for (let index = 0; index < 10_000; index++) send(index, 1000 + index, 1000 + index / 10)
  assert.ok(copies.counts.forwarded <= 61 + 181)
  assert.equal(send(-1, 27_960, 10_000).length, 2)
})

test('ports are read, and what is no list of them is refused', () => {
  assert.deepEqual(readPortRanges(' 6112, 27910-27970 '), [
    { first: 6112, last: 6112 },
    { first: 27_910, last: 27_970 },
  ])
  assert.deepEqual(readPortRanges('none'), [])
  assert.ok(readPortRanges(usualGamePorts).length > 10)
  for (const text of [
    '',
    '0',
    '1,',
    '70000',
    '9-3',
    'all',
    '1-2-3',
    Array.from({ length: 41 }, (_, at) => at + 1).join(),
  ]) {
    assert.throws(() => readPortRanges(text), { code: /malformed|too-long/ }, text)
  }
})

test('the kernel’s filter lets through what is for many, sent from here, on those ports, and nothing else', () => {
  const filter = broadcastFilter(readPortRanges('6112,27950-27970'))
  const takes = (options: { to?: string; port?: number; type?: number; protocol?: number; fragment?: number } = {}) => {
    const { to = '255.255.255.255', port = 6112, type = 4, protocol = 17, fragment = 0 } = options
    const packet = new Uint8Array(32)
    packet.set([0x45, 0, 0, 32, 0, 0, fragment >> 8, fragment & 255, 64, protocol])
    packet.set(to.split('.').map(Number), 16)
    packet.set([1, 1, port >> 8, port & 255], 20)
    return run(filter, packet, type)
  }
  assert.ok(takes() && takes({ to: '192.168.1.255' }) && takes({ to: '224.0.2.60' }) && takes({ to: '239.255.1.2' }))
  assert.ok(takes({ port: 27_950 }) && takes({ port: 27_970 }) && takes({ port: 27_960 }))
  assert.ok(!takes({ port: 27_949 }) && !takes({ port: 27_971 }) && !takes({ port: 6111 }) && !takes({ port: 6113 }))
  assert.ok(!takes({ to: '192.168.1.7' }) && !takes({ type: 0 }) && !takes({ type: 1 }))
  assert.ok(!takes({ protocol: 6 }) && !takes({ fragment: 0x2000 }) && !takes({ fragment: 8 }))
  assert.ok(!run(broadcastFilter([]), new Uint8Array(32), 4))
})

/** The few instructions of linux/filter.h that are used, as the kernel runs them. */
function run(filter: readonly FilterInstruction[], packet: Uint8Array, type: number): boolean {
  const half = (at: number) => ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0)
  let [a, x] = [0, 0]
  for (let at = 0; at < filter.length; at++) {
    const { code, jt, jf, k } = filter[at] as FilterInstruction
    const jump = (isTrue: boolean) => void (at += isTrue ? jt : jf)
    if (code === 0x30) a = k >= 0xffff_f000 ? type : (packet[k] ?? 0)
    else if (code === 0x28) a = k >= 0xffff_f000 ? 0x0800 : half(k)
    else if (code === 0x48) a = half(x + k)
    else if (code === 0xb1) x = ((packet[k] ?? 0) & 15) * 4
    else if (code === 0x15) jump(a === k)
    else if (code === 0x35) jump(a >= k)
    else if (code === 0x25) jump(a > k)
    else if (code === 0x45) jump((a & k) !== 0)
    else if (code === 0x06) return k !== 0
    else throw new RangeError(`There is no instruction ${code}`)
  }
  throw new RangeError('The filter has no end')
}
