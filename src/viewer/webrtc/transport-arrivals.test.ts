import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { FeedbackRecorder } from '../../../test/support/feedback-recorder.ts'
import { notArrived } from '../../net/congestion/arrival-report.ts'
import { decodeRtcp, encodeRtcp } from '../../wire/rtp/rtcp.ts'
import { notReceived, type TransportFeedback } from '../../wire/rtp/transport-feedback.ts'
import { TransportArrivals } from './transport-arrivals.ts'

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

test("TransportArrivals finds the sender's numbers behind those of 16 bits, and adds up the times", () => {
  const arrivals = new TransportArrivals()
  const report = arrivals.read(feedback(65_534, [5000, notReceived, 2000], 64_000), 3 * 65_536 + 2)
  assert.equal(report.first, 3 * 65_536 - 2)
  assert.deepEqual(Array.from(report.arrivalsUs), [69_000, notArrived, 71_000])
  assert.equal(arrivals.read(feedback(5, [0]), 4).first, 5, 'not sent yet: for others to ignore')
})

test('TransportArrivals keeps the clock running when the reference time wraps', () => {
  const arrivals = new TransportArrivals()
  const before = arrivals.read(feedback(0, [0], (2 ** 24 - 1) * 64_000), 1).arrivalsUs[0] as number
  const after = arrivals.read(feedback(1, [0], 0), 1).arrivalsUs[0] as number
  assert.equal(after - before, 64_000)
})

test('TransportArrivals tells when each packet arrived, by what a receiver sends of it, over loss and reordering', () => {
  const journey = fc.record({
    isLost: fc.boolean(),
    afterUs: fc.nat(3000),
    delayUs: fc.oneof({ weight: 9, arbitrary: fc.nat(2000) }, { weight: 1, arbitrary: fc.nat(200_000) }),
  })
  fc.assert(
    fc.property(
      fc.array(journey, { minLength: 1, maxLength: 300 }),
      fc.nat(2 ** 40),
      fc.integer({ min: 5000, max: 150_000 }),
      (journeys, first, reportEveryUs) => {
        const recorder = new FeedbackRecorder(1)
        const arrivals = new TransportArrivals()
        const expected = new Map<number, number>()
        const told = new Map<number, number>()
        let sentUs = 0
        for (const [index, { isLost, afterUs, delayUs }] of journeys.entries()) {
          sentUs += afterUs + 1
          if (!isLost) expected.set(first + index, sentUs + delayUs)
        }
        const report = () => {
          for (let next = recorder.take(2); next; next = recorder.take(2)) {
            const [decoded] = decodeRtcp(encodeRtcp([next]))
            const { first: from, arrivalsUs } = arrivals.read(decoded as TransportFeedback, first + journeys.length - 1)
            for (const [index, arrivalUs] of Array.from(arrivalsUs).entries()) {
              if (!Number.isNaN(arrivalUs)) told.set(from + index, arrivalUs)
            }
          }
        }
        let reportUs = reportEveryUs
        for (const [number, atUs] of [...expected].toSorted(([, a], [, b]) => a - b)) {
          for (; reportUs < atUs; reportUs += reportEveryUs) report()
          recorder.onReceived(number & 0xffff, atUs)
        }
        report()
        assert.deepEqual(new Set(told.keys()), new Set(expected.keys()))
        for (const [number, atUs] of told) assert.ok(Math.abs(atUs - (expected.get(number) as number)) <= 125)
      },
    ),
  )
})
