import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedRate, type RateShare } from './shared-rate.ts'

/** So many of those who share 1000 a second send as often as they are told, for so many seconds; what of each went. */
function run(perSecond: readonly number[], { seconds = 20, each = 800 } = {}): number[] {
  let nowMs = 0
  const rate = new SharedRate({ inAll: 1000, each, nowMs: () => nowMs })
  const senders = perSecond.map((wanted) => ({ wanted, share: rate.join(), due: 0, gone: 0 }))
  for (; nowMs < seconds * 1000; nowMs++) {
    for (const sender of senders) {
      for (sender.due += sender.wanted / 1000; sender.due >= 1; sender.due--) if (sender.share.take(1)) sender.gone++
    }
  }
  return senders.map(({ gone }) => gone / seconds)
}

const near = (found: number | undefined, wanted: number) =>
  assert.ok(Math.abs((found ?? 0) - wanted) <= wanted * 0.06, `${found}, wanted ${wanted}`)

test('SharedRate gives one who is alone its own rate, and no more', () => {
  near(run([100])[0], 100)
  near(run([100_000])[0], 800)
})

test('SharedRate lets those who send little lose nothing by one that sends without measure, which has what they leave', () => {
  const [flood, ...others] = run([100_000, 50, 50, 200], { each: 5000 })
  assert.deepEqual(others.map(Math.round), [50, 50, 200])
  near(flood, 700)
})

test('SharedRate gives those who all want more an equal part, however hard each tries', () => {
  for (const gone of run([100_000, 2000, 1000, 4000], { each: 5000 })) near(gone, 250)
})

test('SharedRate gives nobody more for coming again and again, and forgets those who leave', () => {
  let nowMs = 0
  const rate = new SharedRate({ inAll: 1000, each: 1000, nowMs: () => nowMs })
  let gone = 0
  for (let times = 0; times < 10_000; times++) {
    const share = rate.join()
    while (share.take(1)) gone++
    share.leave()
    nowMs += 1
  }
  assert.ok(gone <= 10_500, `${gone} went in ten seconds`)
  const last: RateShare = rate.join()
  nowMs += 1000
  let alone = 0
  while (last.take(1)) alone++
  assert.equal(alone, 250)
})
