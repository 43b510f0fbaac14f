import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WireRig } from '../../../test/support/moonlight/wire-rig.ts'
import { seededRandom } from '../../kernel/seeded-random.ts'

const limitBps = 10_000_000

test('a client is sent as much as it was set to from the beginning, parity among it', () => {
  using rig = new WireRig({ limitBps })
  rig.play(5000)
  const { pictureBytes } = rig.sent
  rig.play(5000)
  const sentBps = ((rig.sent.pictureBytes - pictureBytes) * 8) / 5
  assert.ok(sentBps > 0.9 * limitBps && sentBps < 1.02 * limitBps, `${Math.round(sentBps)} bit/s`)
  assert.deepEqual(rig.ledger.counts, { whole: 600, repaired: 0, lost: 0 })
})

test('the loss is measured as it is, whatever parity there is', () => {
  for (const percent of [1, 6]) {
    using rig = new WireRig({ limitBps })
    const random = seededRandom(percent)
    rig.loses = () => random() * 100 < percent
    const measured: number[] = []
    for (let seconds = 0; seconds < 15; seconds++) {
      rig.play(1000)
      measured.push((rig.statistics?.lossRatio ?? 0) * 100)
    }
    const mean = measured.slice(5).reduce((sum, each) => sum + each) / 10
    assert.ok(Math.abs(mean - percent) < 0.4 * percent, `${mean.toFixed(2)} % of ${percent} %`)
  }
})

test('parity follows the loss that the client tells of, from 5 to 50 %, and the pictures come', () => {
  using rig = new WireRig({ limitBps })
  const random = seededRandom(7)
  let percent = 0
  rig.loses = () => random() * 100 < percent
  const parity: number[] = []
  for (const lossPercent of [0, 3, 8, 15, 30]) {
    percent = lossPercent
    rig.play(12_000)
    parity.push(rig.parityPercent)
  }
  assert.equal(parity[0], 5)
  assert.deepEqual(
    parity,
    parity.toSorted((one, other) => one - other),
  )
  assert.equal(parity.at(-1), 50)
  percent = 8
  rig.play(2000)
  const { lost } = rig.ledger.counts
  rig.play(5000)
  assert.ok(rig.ledger.counts.lost - lost < 3, `${rig.ledger.counts.lost - lost} of 300 pictures lost`)
  percent = 0
  rig.play(30_000)
  assert.equal(rig.parityPercent, 5)
})

test('losses that come in bunches are met with more parity than their share asks for', () => {
  using rig = new WireRig({ limitBps })
  let datagrams = 0
  // 2 %, by four at a time.
  rig.loses = () => datagrams++ % 200 < 4
  rig.play(5000)
  const { lost } = rig.ledger.counts
  rig.play(4000)
  assert.ok(rig.parityPercent >= 35)
  assert.ok(rig.ledger.counts.lost - lost < 3, `${rig.ledger.counts.lost - lost} of 240 pictures lost`)
})

test('what parity has repaired, what it has not and what was asked for is counted', () => {
  using rig = new WireRig({ limitBps })
  const random = seededRandom(9)
  rig.loses = () => random() < 0.06
  rig.play(5000)
  const { packetsLost, picturesRepaired, picturesUnrepaired, keyframeRequests } = rig.counters
  const { repaired, lost } = rig.ledger.counts
  assert.ok(repaired > 50 && lost > 0, 'both have happened')
  assert.equal(picturesRepaired, repaired)
  assert.equal(picturesUnrepaired, lost)
  assert.equal(keyframeRequests, lost)
  assert.ok(packetsLost > repaired && packetsLost < 0.08 * rig.sent.datagrams)
})
