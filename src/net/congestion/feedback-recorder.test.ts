import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxFeedbackPackets, notReceived } from '../../wire/rtp/transport-feedback.ts'
import { FeedbackRecorder } from './feedback-recorder.ts'

test('FeedbackRecorder tells of what arrived and what is missing between, once', () => {
  const recorder = new FeedbackRecorder(1)
  assert.equal(recorder.take(2), undefined)
  recorder.onReceived(65_535, 100_000)
  recorder.onReceived(1, 100_500)
  recorder.onReceived(1, 170_000)
  assert.deepEqual(recorder.take(2), {
    type: 'transport-feedback',
    senderSsrc: 1,
    mediaSsrc: 2,
    feedbackCount: 0,
    baseSequence: 65_535,
    referenceTimeUs: 64_000,
    deltasUs: Int32Array.of(36_000, notReceived, 500),
  })
  assert.equal(recorder.take(2), undefined)
})

test('FeedbackRecorder begins where the last feedback ended, so that a loss between two is told', () => {
  const recorder = new FeedbackRecorder(1)
  recorder.onReceived(10, 0)
  recorder.take(2)
  recorder.onReceived(13, 64_000)
  const feedback = recorder.take(2)
  assert.deepEqual([feedback?.baseSequence, feedback?.feedbackCount], [11, 1])
  assert.deepEqual(feedback?.deltasUs, Int32Array.of(notReceived, notReceived, 0))
})

test('FeedbackRecorder tells of a late packet alone, without taking back what was told', () => {
  const recorder = new FeedbackRecorder(1)
  for (const sequence of [10, 12, 13]) recorder.onReceived(sequence, 0)
  recorder.take(2)
  recorder.onReceived(11, 64_000)
  recorder.onReceived(14, 64_000)
  const late = recorder.take(2)
  assert.deepEqual([late?.baseSequence, late?.deltasUs], [11, Int32Array.of(0)])
  const next = recorder.take(2)
  assert.deepEqual([next?.baseSequence, next?.deltasUs], [14, Int32Array.of(0)])
})

test('FeedbackRecorder stays within the bound of one feedback when numbers jump or nobody takes them', () => {
  const recorder = new FeedbackRecorder(1)
  recorder.onReceived(0, 0)
  recorder.onReceived(30_000, 0)
  for (let feedback = recorder.take(2); feedback; feedback = recorder.take(2)) {
    assert.ok(feedback.deltasUs.length <= maxFeedbackPackets)
  }
  for (let sequence = 30_001; sequence < 50_000; sequence++) recorder.onReceived(sequence, sequence)
  let told = 0
  for (let feedback = recorder.take(2); feedback; feedback = recorder.take(2)) told += feedback.deltasUs.length
  assert.ok(told <= maxFeedbackPackets)
})

test('FeedbackRecorder begins a new feedback when a packet came too long after the one before it', () => {
  const recorder = new FeedbackRecorder(1)
  recorder.onReceived(1, 0)
  recorder.onReceived(2, 9_000_000)
  assert.deepEqual(recorder.take(2)?.deltasUs, Int32Array.of(0))
  const second = recorder.take(2)
  assert.equal((second?.referenceTimeUs ?? 0) + (second?.deltasUs[0] ?? 0), 9_000_000)
})
