import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArrivalRecorder, mostReported } from './arrival-recorder.ts'
import { notArrived } from './arrival-report.ts'

test('ArrivalRecorder tells of what arrived and what is missing between, once', () => {
  const recorder = new ArrivalRecorder()
  assert.equal(recorder.take(), undefined)
  recorder.onReceived(70_000, 100_000)
  recorder.onReceived(70_002, 100_500)
  recorder.onReceived(70_002, 170_000)
  assert.deepEqual(recorder.take(), { first: 70_000, arrivalsUs: [100_000, notArrived, 100_500] })
  assert.equal(recorder.take(), undefined)
})

test('ArrivalRecorder begins where the last report ended, so that a loss between two is told', () => {
  const recorder = new ArrivalRecorder()
  recorder.onReceived(10, 0)
  recorder.take()
  recorder.onReceived(13, 64_000)
  assert.deepEqual(recorder.take(), { first: 11, arrivalsUs: [notArrived, notArrived, 64_000] })
})

test('ArrivalRecorder tells of a late packet alone, without taking back what was told', () => {
  const recorder = new ArrivalRecorder()
  for (const number of [10, 12, 13]) recorder.onReceived(number, 0)
  recorder.take()
  recorder.onReceived(11, 64_000)
  recorder.onReceived(14, 64_000)
  assert.deepEqual(recorder.take(), { first: 11, arrivalsUs: [64_000] })
  assert.deepEqual(recorder.take(), { first: 14, arrivalsUs: [64_000] })
})

test('ArrivalRecorder stays within the bound of one report when numbers jump or nobody takes them', () => {
  const recorder = new ArrivalRecorder()
  recorder.onReceived(0, 0)
  recorder.onReceived(30_000, 0)
  for (let report = recorder.take(); report; report = recorder.take()) {
    assert.ok(report.arrivalsUs.length <= mostReported)
  }
  for (let number = 30_001; number < 50_000; number++) recorder.onReceived(number, number)
  let told = 0
  for (let report = recorder.take(); report; report = recorder.take()) told += report.arrivalsUs.length
  assert.ok(told <= mostReported)
})
