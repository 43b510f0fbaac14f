import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LossDetector, type LossVerdict } from './loss-detector.ts'

/** Counts spans of 100 packets, of which `lost` are lost, and gives the last verdict. */
function after(detector: LossDetector, lostOfHundred: readonly number[], firstSpan = 0): LossVerdict {
  let verdict = detector.judge(firstSpan * 200_000)
  for (const [index, lost] of lostOfHundred.entries()) {
    for (let count = 0; count < 100; count++) {
      if (count < lost) detector.onLost()
      else detector.onReceived()
    }
    verdict = detector.judge((firstSpan + index + 1) * 200_000)
    detector.judge((firstSpan + index + 1) * 200_000)
  }
  return verdict
}

test('LossDetector judges by the limits of 2 % and 10 %', () => {
  assert.equal(after(new LossDetector(), [1, 1, 1, 1]), 'free')
  assert.equal(after(new LossDetector(), Array<number>(20).fill(5)), 'some')
  assert.equal(after(new LossDetector(), [40]), 'heavy')
  assert.equal(after(new LossDetector(), Array<number>(20).fill(15)), 'heavy')
})

test('LossDetector does not take one bad span for heavy loss', () => {
  assert.notEqual(after(new LossDetector(), [2, 2, 2, 14]), 'heavy')
})

test('LossDetector tells heavy loss once for each time that it was counted', () => {
  const detector = new LossDetector()
  assert.equal(after(detector, [40]), 'heavy')
  assert.equal(detector.judge(250_000), 'some')
})

test('LossDetector waits for enough packets and enough time', () => {
  const detector = new LossDetector()
  for (let count = 0; count < 19; count++) detector.onLost()
  assert.equal(detector.judge(0), 'free')
  assert.equal(detector.judge(1e6), 'free')
  detector.onLost()
  assert.equal(detector.judge(1e6), 'heavy')
})

test('LossDetector takes back a loss when the packet came late', () => {
  const detector = new LossDetector()
  detector.judge(0)
  for (let count = 0; count < 30; count++) detector.onLost()
  for (let count = 0; count < 30; count++) detector.onLate()
  assert.equal(detector.judge(1e6), 'free')
  assert.equal(detector.lossRatio, 0)
})

test('LossDetector forgets what it has counted when it restarts', () => {
  const detector = new LossDetector()
  detector.judge(0)
  for (let count = 0; count < 30; count++) detector.onLost()
  detector.restart()
  assert.equal(detector.judge(1e6), 'free')
})

test('LossDetector takes the share that a receiver reports', () => {
  const detector = new LossDetector()
  detector.report(0.5)
  assert.equal(detector.judge(0), 'heavy')
  assert.equal(detector.share, 0.5)
})

test('LossDetector gives back the rate before decreases that have not made the losses less, and then bears as much', () => {
  const detector = new LossDetector()
  const lowered: (number | undefined)[] = []
  let [nowUs, rateBps] = [0, 1000]
  const lose = (share: number) => {
    detector.report(share)
    return detector.judge((nowUs += 200_000))
  }
  while (lowered.length < 3) {
    if (lose(0.12) === 'heavy') lowered.push(detector.onLowered(rateBps--))
  }
  assert.deepEqual(lowered, [undefined, undefined, 1000])
  assert.deepEqual([lose(0.12), lose(0.13), lose(0.12)], ['free', 'free', 'free'])
  const verdicts = Array.from({ length: 10 }, () => lose(0.4))
  assert.ok(verdicts.includes('heavy'))
})
