import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ArrivalRecorder } from './arrival-recorder.ts'
import { notArrived } from './arrival-report.ts'
import { SentPackets } from './sent-packets.ts'

/** Notes everything that it is told. */
class Notes {
  readonly arrived: { sentUs: number; arrivalUs: number; bytes: number; isLate: boolean }[] = []
  readonly lost: number[] = []

  onArrived(packet: { sentUs: number; arrivalUs: number; bytes: number; isLate: boolean }): void {
    this.arrived.push({ ...packet })
  }

  onLost(sentUs: number): void {
    this.lost.push(sentUs)
  }
}

test('SentPackets tells of each packet once, and of a late one after it was lost', () => {
  const sent = new SentPackets()
  const notes = new Notes()
  for (let index = 0; index < 4; index++) sent.onSent(65_534 + index, 100 + index, index * 1000)
  sent.read({ first: 65_534, arrivalsUs: [5000, notArrived, 7000] }, 50_000, notes)
  sent.read({ first: 65_534, arrivalsUs: [5000, 6000, 7000, 7000] }, 60_000, notes)
  assert.deepEqual(notes.lost, [1000])
  assert.deepEqual(notes.arrived, [
    { sentUs: 0, arrivalUs: 5000, bytes: 100, isLate: false },
    { sentUs: 2000, arrivalUs: 7000, bytes: 102, isLate: false },
    { sentUs: 1000, arrivalUs: 6000, bytes: 101, isLate: true },
    { sentUs: 3000, arrivalUs: 7000, bytes: 103, isLate: false },
  ])
})

test('SentPackets ignores packets that it did not send, and those it has forgotten', () => {
  const sent = new SentPackets()
  const notes = new Notes()
  for (let number = 0; number < 9000; number++) sent.onSent(number, 100, number)
  for (const first of [700, 20_000, -5]) sent.read({ first, arrivalsUs: [1000, notArrived] }, 50_000, notes)
  assert.deepEqual([notes.arrived, notes.lost], [[], []])
})

test('SentPackets knows the round trip and what is on the way by the newest packet that arrived', () => {
  const sent = new SentPackets()
  assert.equal(sent.roundTripMs, Infinity)
  for (let number = 0; number < 10; number++) sent.onSent(number, 100, number * 10_000)
  sent.read({ first: 0, arrivalsUs: [0, 10_000, 20_000] }, 60_000, new Notes())
  assert.equal(sent.roundTripMs, 40)
  assert.equal(sent.bytesOnTheWay, 700)
})

test('SentPackets learns from ArrivalRecorder when each packet arrived, over loss, reordering and duplicates', () => {
  const journey = fc.record({
    isLost: fc.boolean(),
    isDoubled: fc.boolean(),
    afterUs: fc.nat(3000),
    delayUs: fc.oneof({ weight: 9, arbitrary: fc.nat(2000) }, { weight: 1, arbitrary: fc.nat(200_000) }),
  })
  fc.assert(
    fc.property(
      fc.array(journey, { minLength: 1, maxLength: 300 }),
      fc.nat(2 ** 40),
      fc.integer({ min: 5000, max: 150_000 }),
      (journeys, firstNumber, reportEveryUs) => {
        const sent = new SentPackets()
        const recorder = new ArrivalRecorder()
        const notes = new Notes()
        const expected = new Map<number, number>()
        const events: { atUs: number; number: number }[] = []
        let sentUs = 0
        for (const [index, { isLost, isDoubled, afterUs, delayUs }] of journeys.entries()) {
          sentUs += afterUs + 1
          const number = firstNumber + index
          sent.onSent(number, 100, sentUs)
          if (isLost) continue
          expected.set(sentUs, sentUs + delayUs)
          events.push({ atUs: sentUs + delayUs, number })
          if (isDoubled) events.push({ atUs: sentUs + delayUs, number })
        }
        let reportUs = reportEveryUs
        const report = () => {
          for (let next = recorder.take(); next; next = recorder.take()) sent.read(next, reportUs, notes)
        }
        for (const { atUs, number } of events.toSorted((a, b) => a.atUs - b.atUs)) {
          for (; reportUs < atUs; reportUs += reportEveryUs) report()
          recorder.onReceived(number, atUs)
        }
        report()
        assert.equal(notes.arrived.length, expected.size)
        for (const packet of notes.arrived) {
          assert.equal(packet.arrivalUs, expected.get(packet.sentUs))
          assert.equal(packet.isLate, notes.lost.includes(packet.sentUs))
        }
      },
    ),
  )
})
