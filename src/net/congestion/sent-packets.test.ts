import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeRtcp, encodeRtcp } from '../../wire/rtp/rtcp.ts'
import { notReceived, type TransportFeedback } from '../../wire/rtp/transport-feedback.ts'
import { FeedbackRecorder } from './feedback-recorder.ts'
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

function feedback(baseSequence: number, deltasUs: number[], referenceTimeUs = 0): TransportFeedback {
  return {
    type: 'transport-feedback',
    senderSsrc: 1,
    mediaSsrc: 2,
    feedbackCount: 0,
    baseSequence,
    referenceTimeUs,
    deltasUs: Int32Array.from(deltasUs),
  }
}

test('SentPackets tells of each packet once, and of a late one after it was lost', () => {
  const sent = new SentPackets()
  const notes = new Notes()
  for (let index = 0; index < 4; index++) sent.onSent((65_534 + index) & 0xffff, 100 + index, index * 1000)
  sent.read(feedback(65_534, [5000, notReceived, 2000]), 50_000, notes)
  sent.read(feedback(65_534, [5000, 1000, 1000, 0]), 60_000, notes)
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
  for (let sequence = 0; sequence < 9000; sequence++) sent.onSent(sequence, 100, sequence)
  sent.read(feedback(700, [1000, 1000]), 50_000, notes)
  sent.read(feedback(20_000, [1000, notReceived]), 50_000, notes)
  assert.deepEqual([notes.arrived, notes.lost], [[], []])
})

test('SentPackets knows the round trip and what is on the way by the newest packet that arrived', () => {
  const sent = new SentPackets()
  assert.equal(sent.roundTripMs, Infinity)
  for (let sequence = 0; sequence < 10; sequence++) sent.onSent(sequence, 100, sequence * 10_000)
  sent.read(feedback(0, [0, 10_000, 10_000]), 60_000, new Notes())
  assert.equal(sent.roundTripMs, 40)
  assert.equal(sent.bytesOnTheWay, 700)
})

test('SentPackets keeps the time of arrival running when the reference time wraps', () => {
  const sent = new SentPackets()
  const notes = new Notes()
  const lastTickUs = (2 ** 24 - 1) * 64_000
  sent.onSent(0, 100, 0)
  sent.onSent(1, 100, 64_000)
  sent.read(feedback(0, [0], lastTickUs), 1000, notes)
  sent.read(feedback(1, [0], 0), 2000, notes)
  const [first, second] = notes.arrived.map(({ arrivalUs }) => arrivalUs) as [number, number]
  assert.equal(second - first, 64_000)
})

test('SentPackets learns from FeedbackRecorder when each packet arrived, over loss, reordering and duplicates', () => {
  const journey = fc.record({
    isLost: fc.boolean(),
    isDoubled: fc.boolean(),
    afterUs: fc.nat(3000),
    delayUs: fc.oneof({ weight: 9, arbitrary: fc.nat(2000) }, { weight: 1, arbitrary: fc.nat(200_000) }),
  })
  fc.assert(
    fc.property(
      fc.array(journey, { minLength: 1, maxLength: 300 }),
      fc.nat(0xffff),
      fc.integer({ min: 5000, max: 150_000 }),
      (journeys, firstSequence, reportEveryUs) => {
        const sent = new SentPackets()
        const recorder = new FeedbackRecorder(1)
        const notes = new Notes()
        const expected = new Map<number, number>()
        const events: { atUs: number; sequence: number }[] = []
        let sentUs = 0
        for (const [index, { isLost, isDoubled, afterUs, delayUs }] of journeys.entries()) {
          sentUs += afterUs + 1
          const sequence = (firstSequence + index) & 0xffff
          sent.onSent(sequence, 100, sentUs)
          if (isLost) continue
          expected.set(sentUs, sentUs + delayUs)
          events.push({ atUs: sentUs + delayUs, sequence })
          if (isDoubled) events.push({ atUs: sentUs + delayUs, sequence })
        }
        let reportUs = reportEveryUs
        const report = () => {
          for (let next = recorder.take(2); next; next = recorder.take(2)) {
            const [decoded] = decodeRtcp(encodeRtcp([next]))
            sent.read(decoded as TransportFeedback, reportUs, notes)
          }
        }
        for (const { atUs, sequence } of events.toSorted((a, b) => a.atUs - b.atUs)) {
          for (; reportUs < atUs; reportUs += reportEveryUs) report()
          recorder.onReceived(sequence, atUs)
        }
        report()
        assert.equal(notes.arrived.length, expected.size)
        for (const packet of notes.arrived) {
          assert.ok(Math.abs(packet.arrivalUs - (expected.get(packet.sentUs) as number)) <= 125)
          assert.equal(packet.isLate, notes.lost.includes(packet.sentUs))
        }
      },
    ),
  )
})
