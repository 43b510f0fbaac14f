import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allocatePackets, rtpPacketOf, type RtpPacket } from '../../wire/rtp/rtp-packet.ts'
import { Pacer } from './pacer.ts'

/** 1,000 bytes with header. */
const packetBytes = 1000
const picture = (packets: number): RtpPacket[] => allocatePackets(Array<number>(packets).fill(packetBytes - 20))
const sound = rtpPacketOf(new Uint8Array(80), false)

function departures(pacer: Pacer, nowUs: number): { kind: string; timestamp: number; sequence: number }[] {
  const left: { kind: string; timestamp: number; sequence: number }[] = []
  for (let next = pacer.due(nowUs); next; next = pacer.due(nowUs)) {
    left.push({ kind: next.kind, timestamp: next.timestamp, sequence: next.sequence })
  }
  return left
}

function pacerAt(pacingBps: number): Pacer {
  const pacer = new Pacer()
  pacer.setRate(pacingBps)
  return pacer
}

test('Pacer lets a small picture out at once when nothing waits', () => {
  const pacer = pacerAt(8e6)
  assert.equal(pacer.video(picture(4), { timestamp: 7, key: false }, 1000), true)
  assert.equal(departures(pacer, 1000).length, 4)
  assert.equal(pacer.idle, true)
  assert.equal(pacer.queuedBytes, 0)
})

test('Pacer spreads a large picture at its rate', () => {
  const pacer = pacerAt(8e6)
  pacer.video(picture(50), { timestamp: 7, key: true }, 0)
  const burst = departures(pacer, 0).length
  assert.ok(burst <= 6)
  let left = burst
  for (let ms = 1; ms <= 20; ms++) left += departures(pacer, ms * 1000).length
  assert.ok(Math.abs(left - burst - 20) <= 1, String(left))
  assert.ok(pacer.queueMs(20_000) === 20)
  for (let ms = 21; ms <= 60; ms++) left += departures(pacer, ms * 1000).length
  assert.equal(left, 50)
})

test('Pacer sends sound before resends and resends before pictures, and sound even without budget', () => {
  const pacer = pacerAt(8e6)
  pacer.video(picture(50), { timestamp: 1, key: false }, 0)
  departures(pacer, 0)
  pacer.resend(picture(1)[0] as RtpPacket, 2, 99)
  pacer.audio(sound, 3, 0)
  assert.deepEqual(departures(pacer, 0), [{ kind: 'audio', timestamp: 3, sequence: -1 }])
  assert.deepEqual(departures(pacer, 2000), [
    { kind: 'resend', timestamp: 2, sequence: 99 },
    { kind: 'video', timestamp: 1, sequence: -1 },
  ])
})

test('Pacer gives all pictures up when the oldest has waited too long', () => {
  const pacer = pacerAt(800_000)
  assert.equal(pacer.video(picture(40), { timestamp: 1, key: false }, 0), true)
  departures(pacer, 0)
  assert.equal(pacer.video(picture(1), { timestamp: 2, key: false }, 250_000), true)
  departures(pacer, 250_000)
  assert.equal(pacer.video(picture(1), { timestamp: 3, key: false }, 250_001), false)
  assert.equal(pacer.idle, true)
  assert.deepEqual(departures(pacer, 10_000_000), [])
})

test('Pacer takes a key picture in the place of what waits too long', () => {
  const pacer = pacerAt(800_000)
  pacer.video(picture(40), { timestamp: 1, key: false }, 0)
  assert.equal(pacer.video(picture(2), { timestamp: 2, key: true }, 300_000), true)
  assert.deepEqual(
    departures(pacer, 300_000).map(({ timestamp }) => timestamp),
    [2, 2],
  )
})

test('Pacer bounds what waits in bytes, but takes a single picture of any size', () => {
  const pacer = new Pacer({ maxQueueBytes: 10_000 })
  assert.equal(pacer.video(picture(50), { timestamp: 1, key: true }, 0), true)
  assert.equal(pacer.video(picture(1), { timestamp: 2, key: false }, 0), false)
  assert.equal(pacer.video(picture(9), { timestamp: 3, key: true }, 0), true)
  assert.equal(pacer.video(picture(1), { timestamp: 4, key: false }, 0), true)
  assert.equal(pacer.video(picture(1), { timestamp: 5, key: false }, 0), false)
})

test('Pacer refuses a picture of more packets than it has places, a key picture too', () => {
  const pacer = pacerAt(8e6)
  assert.equal(pacer.video(picture(3000), { timestamp: 1, key: true }, 0), false)
  assert.equal(pacer.idle, true)
})

test('Pacer drops the oldest sound and the newest resend when there is no room', () => {
  const pacer = pacerAt(8e6)
  for (let timestamp = 0; timestamp < 40; timestamp++) pacer.audio(sound, timestamp, 0)
  assert.deepEqual(
    departures(pacer, 0).map(({ timestamp }) => timestamp),
    Array.from({ length: 32 }, (_, index) => index + 8),
  )
  const packet = picture(1)[0] as RtpPacket
  const accepted = Array.from({ length: 300 }, (_, sequence) => pacer.resend(packet, 0, sequence))
  assert.equal(accepted.filter(Boolean).length, 256)
  assert.equal(accepted.at(-1), false)
})

test('Pacer holds everything but sound until it has a rate', () => {
  const pacer = new Pacer()
  pacer.video(picture(1), { timestamp: 1, key: true }, 0)
  pacer.audio(sound, 2, 0)
  assert.deepEqual(
    departures(pacer, 1e6).map(({ kind }) => kind),
    ['audio'],
  )
  pacer.setRate(8e6)
  assert.equal(departures(pacer, 1e6).length, 1)
})

test('Pacer never sends faster than its rate and one burst, keeps order, and loses nothing that it took', () => {
  const step = fc.record({
    afterUs: fc.nat(30_000),
    packets: fc.integer({ min: 1, max: 30 }),
    key: fc.boolean(),
    rateBps: fc.integer({ min: 200_000, max: 40_000_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const pacer = new Pacer()
      let nowUs = 0
      let creditBytes = 0
      let taken = 0
      let left = 0
      let newest = 0
      for (const [index, { afterUs, packets, key, rateBps }] of steps.entries()) {
        pacer.setRate(rateBps)
        nowUs += afterUs
        const waiting = pacer.queuedBytes / packetBytes
        const isTaken = pacer.video(picture(packets), { timestamp: index, key }, nowUs)
        taken += pacer.queuedBytes / packetBytes - waiting
        if (!isTaken) assert.equal(pacer.queuedBytes, 0)
        creditBytes += (afterUs * rateBps) / 8e6
        const out = departures(pacer, nowUs)
        for (const { timestamp } of out) {
          assert.ok(timestamp >= newest)
          newest = timestamp
        }
        left += out.length
        const burstBytes = Math.max(3600, (40_000_000 / 8e6) * 5000)
        assert.ok(left * packetBytes <= creditBytes + burstBytes + packetBytes)
      }
      assert.equal(taken - left, pacer.queuedBytes / packetBytes)
    }),
  )
})
