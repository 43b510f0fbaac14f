import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LossRecovery } from './loss-recovery.ts'

/** With ten datagrams on their way, one each 10 ms, and a round trip that was measured as 50 ms. */
function begun(): LossRecovery<number> {
  const recovery = new LossRecovery<number>({ firstRoundTripMs: 100 })
  recovery.onSent(0, 1000, 0, 0)
  recovery.onAcknowledged([{ first: 0, last: 0 }], 0, 50)
  for (let number = 1; number <= 10; number++) recovery.onSent(number, 1000, number, 50 + 10 * number)
  return recovery
}

test('LossRecovery takes a datagram for lost when three later ones have come', () => {
  const recovery = begun()
  assert.deepEqual(recovery.onAcknowledged([{ first: 2, last: 3 }], 0, 110).lost, [])
  const { acknowledged, lost } = recovery.onAcknowledged([{ first: 2, last: 4 }], 0, 111)
  assert.deepEqual([acknowledged, lost], [[4], [1]])
  assert.equal(recovery.bytesInFlight, 6000)
})

test('LossRecovery takes a datagram for lost when later ones have come and a round trip and an eighth has passed', () => {
  const recovery = begun()
  assert.deepEqual(recovery.onAcknowledged([{ first: 2, last: 2 }], 0, 110).lost, [])
  // Sent at 60; 40 ms were measured now, which makes 48.75.
  assert.equal(recovery.deadlineMs, 60 + (48.75 * 9) / 8)
  const passed = new LossRecovery<number>({ firstRoundTripMs: 100 })
  passed.onSent(0, 1000, 0, 0)
  passed.onAcknowledged([{ first: 0, last: 0 }], 0, 50)
  passed.onSent(1, 1000, 1, 60)
  passed.onSent(2, 1000, 2, 61)
  passed.onAcknowledged([{ first: 2, last: 2 }], 0, 111)
  assert.deepEqual(passed.onDeadline(passed.deadlineMs), { lost: [1], probes: 0 })
  assert.equal(passed.deadlineMs, Infinity)
})

test('LossRecovery sends probes when nothing is heard, and waits twice as long each time', () => {
  const recovery = begun()
  const waits: number[] = []
  let nowMs = 150
  for (let count = 0; count < 8; count++) {
    waits.push(recovery.deadlineMs - nowMs)
    nowMs = recovery.deadlineMs
    assert.deepEqual(recovery.onDeadline(nowMs), { lost: [], probes: 2 })
    recovery.onSent(11 + count, 1000, 11 + count, nowMs)
  }
  // 50 ms, four times the variance of 25 ms, and what an acknowledgement may be held back.
  assert.deepEqual(waits, [170, 340, 680, 1360, 2720, 4000, 4000, 4000])
  assert.deepEqual(recovery.oldest(2), [1, 2])
})

test('LossRecovery measures the round trip without what an acknowledgement was held back, as far as that can be true', () => {
  const recovery = begun()
  recovery.onAcknowledged([{ first: 1, last: 1 }], 10, 130)
  assert.equal(recovery.roundTrip.latestMs, 60)
  recovery.onAcknowledged([{ first: 1, last: 2 }], 5000, 131)
  // Of a second only 20 ms are believed, and those would make it shorter than ever.
  assert.equal(recovery.roundTrip.latestMs, 61)
})

test('LossRecovery calls a loss persistent that lasted for three timeouts, and not when something came between', () => {
  for (const between of [false, true]) {
    const recovery = new LossRecovery<number>({ firstRoundTripMs: 100 })
    recovery.onSent(0, 1000, 0, 0)
    recovery.onAcknowledged([{ first: 0, last: 0 }], 0, 50)
    for (let number = 1; number <= 10; number++) recovery.onSent(number, 1000, number, 60 + 100 * number)
    recovery.onSent(11, 1000, 11, 1100)
    const ranges = [{ first: 11, last: 11 }, ...(between ? [{ first: 5, last: 5 }] : [])]
    assert.equal(recovery.onAcknowledged(ranges, 0, 1200).isPersistent, !between)
  }
})

test('LossRecovery waits for nothing when nothing has to arrive', () => {
  const recovery = new LossRecovery<number>({ firstRoundTripMs: 100 })
  for (let number = 0; number < 100; number++) recovery.onSent(number, 1000, undefined, number)
  assert.deepEqual([recovery.deadlineMs, recovery.bytesInFlight, recovery.newestSent], [Infinity, 0, 99])
})

test('LossRecovery judges a path by nothing that was sent by the one before', () => {
  for (const isMoved of [true, false]) {
    const recovery = begun()
    recovery.onAcknowledged([{ first: 1, last: 10 }], 0, 200)
    for (let number = 11; number <= 20; number++) recovery.onSent(number, 1000, number, 210 + 100 * (number - 11))
    if (isMoved) assert.deepEqual(recovery.onPathChange(), { probes: 2 })
    for (let number = 21; number <= 24; number++) recovery.onSent(number, 1000, number, 1220)
    if (isMoved) {
      // The acknowledgement of one that the former path has carried was lost with it, and comes late.
      recovery.onAcknowledged([{ first: 11, last: 11 }], 0, 1225)
      assert.equal(recovery.roundTrip.latestMs, undefined)
    }
    const { lost, isPersistent } = recovery.onAcknowledged([{ first: 21, last: 24 }], 0, 1250)
    assert.deepEqual(lost.slice(-9), [12, 13, 14, 15, 16, 17, 18, 19, 20])
    assert.equal(recovery.roundTrip.latestMs, 30)
    assert.equal(isPersistent, !isMoved)
  }
})
