import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { Pacer } from './pacer.ts'
import type { Paceable } from './packet-ring.ts'

const packetBytes = 1000
const packetsOf = (count: number): Paceable[] => Array.from({ length: count }, () => ({ bytes: packetBytes }))
const sound: Paceable = { bytes: 100 }

/** A picture of so many packets. */
function picture(count: number, { unit, key, parity = 0 }: { unit: number; key: boolean; parity?: number }) {
  return { packets: packetsOf(count), parity: packetsOf(parity), unit, key }
}

function departures(pacer: Pacer<Paceable>, nowUs: number): { lane: string; unit: number; number: number }[] {
  const left: { lane: string; unit: number; number: number }[] = []
  for (let next = pacer.due(nowUs); next; next = pacer.due(nowUs)) {
    left.push({ lane: next.lane, unit: next.unit, number: next.number })
  }
  return left
}

function pacerAt(pacingBps: number): Pacer<Paceable> {
  const pacer = new Pacer<Paceable>()
  pacer.setRate(pacingBps)
  return pacer
}

test('Pacer lets a small picture out at once when nothing waits', () => {
  const pacer = pacerAt(8e6)
  assert.equal(pacer.picture(picture(4, { unit: 7, key: false }), 1000), true)
  assert.equal(departures(pacer, 1000).length, 4)
  assert.equal(pacer.idle, true)
  assert.equal(pacer.queuedBytes, 0)
})

test('Pacer spreads a large picture at its rate', () => {
  const pacer = pacerAt(8e6)
  pacer.picture(picture(50, { unit: 7, key: true }), 0)
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
  pacer.picture(picture(50, { unit: 1, key: false }), 0)
  departures(pacer, 0)
  pacer.resend({ bytes: packetBytes }, 2, 99)
  pacer.push('audio', sound, 3, 0)
  assert.deepEqual(departures(pacer, 0), [{ lane: 'audio', unit: 3, number: -1 }])
  assert.deepEqual(departures(pacer, 2000), [
    { lane: 'resend', unit: 2, number: 99 },
    { lane: 'video', unit: 1, number: -1 },
  ])
})

test('Pacer gives all pictures up when the oldest has waited too long', () => {
  const pacer = pacerAt(800_000)
  assert.equal(pacer.picture(picture(40, { unit: 1, key: false }), 0), true)
  departures(pacer, 0)
  assert.equal(pacer.picture(picture(1, { unit: 2, key: false }), 250_000), true)
  departures(pacer, 250_000)
  assert.equal(pacer.picture(picture(1, { unit: 3, key: false }), 250_001), false)
  assert.equal(pacer.idle, true)
  assert.deepEqual(departures(pacer, 10_000_000), [])
})

test('Pacer takes a key picture in the place of what waits too long', () => {
  const pacer = pacerAt(800_000)
  pacer.picture(picture(40, { unit: 1, key: false }), 0)
  assert.equal(pacer.picture(picture(2, { unit: 2, key: true }), 300_000), true)
  assert.deepEqual(
    departures(pacer, 300_000).map(({ unit }) => unit),
    [2, 2],
  )
})

test('Pacer bounds what waits in bytes, but takes a single picture of any size', () => {
  const pacer = new Pacer<Paceable>({ maxQueueBytes: 10_000 })
  assert.equal(pacer.picture(picture(50, { unit: 1, key: true }), 0), true)
  assert.equal(pacer.picture(picture(1, { unit: 2, key: false }), 0), false)
  assert.equal(pacer.picture(picture(9, { unit: 3, key: true }), 0), true)
  assert.equal(pacer.picture(picture(1, { unit: 4, key: false }), 0), true)
  assert.equal(pacer.picture(picture(1, { unit: 5, key: false }), 0), false)
})

test('Pacer refuses a picture of more packets than it has places, a key picture too', () => {
  const pacer = pacerAt(8e6)
  assert.equal(pacer.picture(picture(3000, { unit: 1, key: true }), 0), false)
  assert.equal(pacer.idle, true)
})

test('Pacer drops the oldest sound and the newest resend when there is no room', () => {
  const pacer = pacerAt(8e6)
  for (let unit = 0; unit < 40; unit++) pacer.push('audio', sound, unit, 0)
  assert.deepEqual(
    departures(pacer, 0).map(({ unit }) => unit),
    Array.from({ length: 32 }, (_, index) => index + 8),
  )
  const accepted = Array.from({ length: 300 }, (_, number) => pacer.resend(sound, 0, number))
  assert.equal(accepted.filter(Boolean).length, 256)
  assert.equal(accepted.at(-1), false)
})

test('Pacer holds everything but sound until it has a rate', () => {
  const pacer = new Pacer<Paceable>()
  pacer.picture(picture(1, { unit: 1, key: true }), 0)
  pacer.push('audio', sound, 2, 0)
  assert.deepEqual(
    departures(pacer, 1e6).map(({ lane }) => lane),
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
      const pacer = new Pacer<Paceable>()
      let nowUs = 0
      let creditBytes = 0
      let taken = 0
      let left = 0
      let newest = 0
      for (const [index, { afterUs, packets, key, rateBps }] of steps.entries()) {
        pacer.setRate(rateBps)
        nowUs += afterUs
        const waiting = pacer.queuedBytes / packetBytes
        const isTaken = pacer.picture(picture(packets, { unit: index, key }), nowUs)
        taken += pacer.queuedBytes / packetBytes - waiting
        if (!isTaken) assert.equal(pacer.queuedBytes, 0)
        creditBytes += (afterUs * rateBps) / 8e6
        const out = departures(pacer, nowUs)
        for (const { unit } of out) {
          assert.ok(unit >= newest)
          newest = unit
        }
        left += out.length
        const burstBytes = Math.max(3600, (40_000_000 / 8e6) * 5000)
        assert.ok(left * packetBytes <= creditBytes + burstBytes + packetBytes)
      }
      assert.equal(taken - left, pacer.queuedBytes / packetBytes)
    }),
  )
})

test('Pacer sends parity behind its picture, and not any more when another one comes', () => {
  const pacer = pacerAt(8e6)
  pacer.picture(picture(2, { unit: 1, key: true, parity: 2 }), 0)
  assert.deepEqual(
    departures(pacer, 0).map(({ lane }) => lane),
    ['video', 'video', 'parity', 'parity'],
  )
  pacer.picture(picture(20, { unit: 2, key: false, parity: 4 }), 10_000)
  departures(pacer, 10_000)
  pacer.picture(picture(1, { unit: 3, key: false, parity: 1 }), 20_000)
  const left = Array.from({ length: 40 }, (_, ms) => departures(pacer, 20_000 + ms * 1000)).flat()
  assert.deepEqual(
    left.filter(({ lane }) => lane === 'parity').map(({ unit }) => unit),
    [3],
  )
  pacer.picture(picture(50, { unit: 4, key: false, parity: 4 }), 100_000)
  pacer.dropVideo()
  assert.equal(pacer.idle, true)
})

test('Pacer lets orders and input out before everything else, and without budget', () => {
  const pacer = pacerAt(8e6)
  pacer.picture(picture(50, { unit: 1, key: false }), 0)
  departures(pacer, 0)
  pacer.push('audio', sound, 2, 0)
  pacer.push('input', sound, 3, 0)
  pacer.push('control', sound, 4, 0)
  assert.deepEqual(
    departures(pacer, 0).map(({ lane }) => lane),
    ['control', 'input', 'audio'],
  )
  const taken = Array.from({ length: 300 }, (_, unit) => pacer.push('control', sound, unit, 0))
  assert.equal(taken.filter(Boolean).length, 256, 'orders that wait are kept')
  for (let unit = 0; unit < 300; unit++) assert.equal(pacer.push('input', sound, unit, 0), true)
  assert.deepEqual(departures(pacer, 0).at(-1), { lane: 'input', unit: 299, number: -1 })
})

test('Pacer sends padding at the rate of its probe, behind the last picture and when nothing else waits', () => {
  const pacer = pacerAt(8e6)
  pacer.picture(picture(1, { unit: 7, key: true }), 0)
  pacer.probe({ bitrateBps: 8e6, bytes: 3000 }, { bytes: 500 }, 0)
  assert.equal(departures(pacer, 0)[0]?.lane, 'video')
  assert.equal(pacer.empty, true)
  assert.equal(pacer.idle, false)
  const left = [1, 2, 3].flatMap((ms) => departures(pacer, ms * 1000))
  assert.ok(left.every(({ lane, unit }) => lane === 'probing' && unit === 7))
  // The picture is part of the probe.
  assert.ok(left.length >= 4 && left.length <= 5, `${left.length}`)
  assert.equal(pacer.takeProbeEnd(3000), true)
  assert.equal(pacer.takeProbeEnd(3000), false)
  assert.equal(pacer.idle, true)
})
