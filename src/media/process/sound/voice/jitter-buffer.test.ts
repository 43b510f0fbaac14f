import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../../test/support/fast-check.ts'
import { voicePacketSamples as packetSamples } from '../../../testing/voice.ts'
import { JitterBuffer } from './jitter-buffer.ts'

const grain = 480
const ms = 48

/**
 * A packet is 20 ms of one level, which says which packet it is: what is read can be told apart, and what was made up too, as it
 * fades or is blended.
 */
const levelOf = (number: number) => 0.1 + (number % 80) / 100
const decode = (data: Uint8Array) =>
  data[0] === 255 ? undefined : new Float32Array(packetSamples).fill(levelOf(data[0] ?? 0))
const packet = (number: number, timestamp = number * packetSamples) => ({
  timestamp: timestamp >>> 0,
  data: Uint8Array.of(number % 80),
})

interface Played {
  readonly samples: Float32Array
  /** When, in ms, something was made up or nothing was heard, after the first sound. */
  readonly holesMs: readonly number[]
}

/** Plays packets that come at these times, in ms, while 10 ms are read every 10 ms. */
function play(buffer: JitterBuffer, arrivals: readonly { atMs: number; number: number }[], untilMs: number): Played {
  const samples: number[] = []
  const holesMs: number[] = []
  let begun = false
  const due = arrivals.toSorted((a, b) => a.atMs - b.atMs)
  let next = 0
  for (let atMs = 0; atMs < untilMs; atMs += 10) {
    for (; next < due.length && (due[next]?.atMs ?? 0) <= atMs; next++) buffer.push(packet(due[next]?.number ?? 0))
    const into = new Float32Array(grain)
    buffer.read(into)
    const isWhole = into.every((sample) => Math.abs(sample * 100 - Math.round(sample * 100)) < 1e-4 && sample > 0)
    begun ||= isWhole
    if (begun && !isWhole) holesMs.push(atMs)
    samples.push(...into)
  }
  return { samples: Float32Array.from(samples), holesMs }
}

const steady = (count: number, lateMs: (number: number) => number = () => 0) =>
  Array.from({ length: count }, (_, number) => ({ atMs: number * 20 + lateMs(number), number }))

test('JitterBuffer plays packets that come in time whole and in order, some 20 ms later', () => {
  const buffer = new JitterBuffer(decode)
  const { samples, holesMs } = play(buffer, steady(100), 2000)
  assert.deepEqual(holesMs, [])
  const first = samples.findIndex((sample) => sample > 0)
  assert.ok(first >= 20 * ms && first <= 35 * ms, `the first is heard after ${first / ms} ms`)
  assert.ok(Math.abs((samples[first + 30 * packetSamples + 480] ?? 0) - levelOf(30)) < 1e-6)
})

test('JitterBuffer learns how late packets come, and then nothing is missing; and when they are in time again it waits less', () => {
  const buffer = new JitterBuffer(decode)
  const jitter = (number: number) => [0, 35, 10, 45, 0, 20][number % 6] ?? 0
  const restless = 300
  const { holesMs } = play(buffer, steady(restless, jitter), restless * 20 - 40)
  assert.ok(holesMs.length > 0, 'at first something is missing')
  assert.ok((holesMs.at(-1) ?? 0) < 500, `something was missing until ${holesMs.at(-1)} ms`)
  const learnt = buffer.delaySamples
  assert.ok(learnt > 40 * ms, `it waits ${learnt / ms} ms`)
  const calm = steady(600).map(({ atMs, number }) => ({ atMs, number: number + restless }))
  play(buffer, calm, 12_000)
  assert.ok(buffer.delaySamples < learnt / 2, `it waits ${buffer.delaySamples / ms} ms in the end`)
})

test('JitterBuffer puts packets in order, takes each once, and conceals one that is lost', () => {
  const buffer = new JitterBuffer(decode)
  const swapped = steady(40).map(({ atMs, number }) => ({ atMs: number % 10 === 5 ? atMs + 21 : atMs, number }))
  const { holesMs } = play(buffer, [...swapped, ...swapped], 800)
  assert.ok(holesMs.length <= 4, `holes at ${holesMs.join()} ms`)
  const lossy = steady(50).filter(({ number }) => number !== 20)
  const { samples } = play(new JitterBuffer(decode), lossy, 1000)
  const first = samples.findIndex((sample) => sample > 0)
  const place = first + 20 * packetSamples
  assert.ok(
    samples.subarray(place, place + packetSamples).every((sample) => sample > 0.05),
    'it is made up',
  )
  assert.ok(
    Math.abs((samples[place + 2 * packetSamples - 10] ?? 0) - levelOf(21)) < 1e-6,
    'what follows is in its place',
  )
})

test('JitterBuffer takes a pause for a pause: what comes after it is as late as what came before', () => {
  const buffer = new JitterBuffer(decode)
  play(buffer, steady(20), 1000)
  const delay = buffer.delaySamples
  assert.ok(buffer.silent)
  // The sender's time line has stood still, as Chromium's does while there is no microphone.
  const again = steady(20).map(({ atMs, number }) => ({ atMs, number: number + 20 }))
  assert.deepEqual(play(buffer, again, 400).holesMs, [])
  assert.equal(buffer.delaySamples, delay)
  // And another time line altogether.
  buffer.push({ timestamp: 3_000_000_000, data: Uint8Array.of(7) })
  const heard = new Float32Array(4 * packetSamples)
  buffer.read(heard)
  assert.ok(heard.some((sample) => Math.abs(sample - levelOf(7)) < 1e-6))
})

test('JitterBuffer catches up after a stall instead of staying behind', () => {
  const buffer = new JitterBuffer(decode)
  const stalled = steady(100, (number) => (number >= 20 && number < 45 ? (45 - number) * 20 : 0))
  const { samples } = play(buffer, stalled, 2000)
  // 55 packets after the stall: the last one is heard soon after it came.
  const last = samples.findLastIndex((sample) => Math.abs(sample - levelOf(99)) < 1e-6)
  assert.ok(last > 0 && last < (99 * 20 + 20 + 60) * ms, `the last is heard after ${last / ms} ms`)
  assert.ok(buffer.delaySamples < 100 * ms)
})

test('JitterBuffer goes on over what cannot be decoded', () => {
  const buffer = new JitterBuffer(decode)
  for (let number = 0; number < 20; number++)
    buffer.push(number % 3 === 0 ? { ...packet(number), data: Uint8Array.of(255) } : packet(number))
  const into = new Float32Array(20 * packetSamples)
  buffer.read(into)
  assert.ok(into.some((sample) => Math.abs(sample - levelOf(10)) < 1e-6))
})

test('JitterBuffer always gives as much as is asked, and keeps and decodes no more than that takes, whatever comes', () => {
  const unit = fc.record({ timestamp: fc.nat(0xffff_ffff), data: fc.uint8Array({ maxLength: 3 }) })
  const near = fc.record({ timestamp: fc.integer({ min: 0, max: 50_000 }), data: fc.uint8Array({ maxLength: 3 }) })
  const steps = fc.array(fc.oneof(unit, near, near, fc.integer({ min: 1, max: 2000 })), { maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 120, 960, 5760), (all, length) => {
      let decoded = 0
      const buffer = new JitterBuffer((data) => {
        decoded++
        return data.length === 0 ? undefined : new Float32Array(length).fill(0.5)
      })
      for (const step of all) {
        const before = decoded
        if (typeof step === 'object') {
          buffer.push(step)
          assert.equal(decoded, before)
          continue
        }
        const into = new Float32Array(step)
        buffer.read(into)
        assert.ok(into.every((sample) => Number.isFinite(sample) && Math.abs(sample) <= 2))
        assert.ok(buffer.delaySamples >= 10 * ms && buffer.delaySamples <= 200 * ms)
      }
    }),
  )
})
