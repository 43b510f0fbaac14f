import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { SimulatedStream, type SimulatedStreamOptions } from '../../../test/support/simulated-stream.ts'
import { notArrived } from './arrival-report.ts'
import { BitrateController } from './bitrate-controller.ts'

const link = { delayUs: 20_000, queueUs: 300_000 }

/** Runs a scenario with several seeds, seldom and frequent feedback, on all packets and on pictures alone. */
function scenario(name: string, conditions: SimulatedStreamOptions['link'], run: (stream: SimulatedStream) => void) {
  const variants = [
    { seed: 1, feedbackEveryUs: 50_000, reportsAudio: true },
    { seed: 2, feedbackEveryUs: 100_000, reportsAudio: true },
    { seed: 3, feedbackEveryUs: 50_000, reportsAudio: false },
    { seed: 4, feedbackEveryUs: 100_000, reportsAudio: false },
  ]
  test(name, () => {
    for (const variant of variants) run(new SimulatedStream({ ...variant, link: { ...link, ...conditions } }))
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] as number
}

/** What arrived between two moments, as a part of what the link carries. */
function utilisation(stream: SimulatedStream, rateBps: number, fromMs: number, toMs = stream.nowMs): number {
  return mean(stream.between(fromMs, toMs).map(({ receivedBps }) => receivedBps)) / rateBps
}

function waitMsP95(stream: SimulatedStream, fromMs: number, toMs = stream.nowMs): number {
  const waits = stream.waits.filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
  return percentile(
    waits.map(({ waitMs }) => waitMs),
    0.95,
  )
}

/** How long the queue was longer than 150 ms, in milliseconds. */
function floodedMs(stream: SimulatedStream, fromMs = 0, toMs = stream.nowMs): number {
  return stream.between(fromMs, toMs).filter(({ queueMs }) => queueMs > 150).length * 100
}

for (const rateBps of [1e6, 3e6, 10e6]) {
  scenario(
    `BitrateController fills a link of ${rateBps / 1e6} Mbit/s and keeps its queue short`,
    { rateBps },
    (stream) => {
      stream.run(60_000)
      assert.ok(utilisation(stream, rateBps, 10_000) > 0.75)
      assert.ok(waitMsP95(stream, 10_000) < 35)
      assert.equal(floodedMs(stream, 5000), 0)
      assert.ok(Math.max(...stream.between(5000, 60_000).map(({ targetBps }) => targetBps)) < 1.2 * rateBps)
    },
  )
}

scenario(
  'BitrateController leaves a link alone within two seconds when it starts far above what that carries',
  { rateBps: 1e6 },
  (stream) => {
    stream.run(10_000)
    const firstBelow = stream.samples.find(({ targetBps }) => targetBps < 1e6)
    assert.ok(firstBelow && firstBelow.atMs <= 400)
    assert.ok(floodedMs(stream) <= 1200)
    assert.ok(stream.viewer.longestFreezeMs < 500)
  },
)

scenario('BitrateController finds a fat link within a few seconds', { rateBps: 20e6 }, (stream) => {
  stream.run(12_000)
  assert.ok(stream.between(0, 6000).some(({ targetBps }) => targetBps > 12e6))
  assert.equal(stream.link.lost, 0)
})

scenario('BitrateController follows a link from 5 to 1 Mbit/s and back', { rateBps: 5e6 }, (stream) => {
  stream.run(20_000)
  stream.link.conditions.rateBps = 1e6
  stream.run(20_000)
  stream.link.conditions.rateBps = 5e6
  stream.run(20_000)
  assert.ok(stream.between(20_000, 20_500).some(({ targetBps }) => targetBps < 1e6))
  assert.ok(floodedMs(stream, 20_000) <= 1000)
  assert.ok(utilisation(stream, 1e6, 25_000, 40_000) > 0.75)
  assert.ok(waitMsP95(stream, 22_000, 40_000) < 40)
  assert.ok(utilisation(stream, 5e6, 50_000, 60_000) > 0.75)
  assert.ok(stream.viewer.longestFreezeMs < 600)
})

scenario(
  'BitrateController drains a deep queue in about two seconds when the link behind it becomes slow',
  { rateBps: 5e6, queueUs: 2_000_000 },
  (stream) => {
    stream.run(20_000)
    stream.link.conditions.rateBps = 1e6
    stream.run(20_000)
    assert.ok(floodedMs(stream, 20_000) <= 2500)
    assert.ok(waitMsP95(stream, 23_000) < 40)
    assert.equal(stream.link.lost, 0)
  },
)

scenario(
  'BitrateController does not collapse when a fat link loses 2 % at random',
  { rateBps: 20e6, lossRatio: 0.02 },
  (stream) => {
    stream.run(60_000)
    assert.ok(utilisation(stream, 20e6, 20_000) > 0.7)
    assert.ok(stream.viewer.longestFreezeMs < 250)
    assert.ok(Math.abs(stream.controller.lossRatio - 0.02) < 0.02)
  },
)

scenario(
  'BitrateController still grows when a fat link loses 5 % at random',
  { rateBps: 20e6, lossRatio: 0.05 },
  (stream) => {
    stream.run(60_000)
    assert.ok(stream.controller.targetBps > 5e6)
  },
)

scenario(
  'BitrateController stays below a link whose queue is too short to be felt',
  { rateBps: 3e6, queueUs: 30_000 },
  (stream) => {
    stream.run(60_000)
    assert.ok(utilisation(stream, 3e6, 10_000) > 0.7)
    assert.ok(stream.link.lost < 0.02 * stream.waits.length)
  },
)

scenario('BitrateController fills a link with a round trip of 150 ms', { rateBps: 5e6, delayUs: 75_000 }, (stream) => {
  stream.run(60_000)
  assert.ok(utilisation(stream, 5e6, 10_000) > 0.8)
  assert.ok(waitMsP95(stream, 10_000) < 40)
})

scenario('BitrateController fills a link with 20 ms of jitter', { rateBps: 5e6, jitterUs: 20_000 }, (stream) => {
  stream.run(60_000)
  assert.ok(utilisation(stream, 5e6, 10_000) > 0.7)
  assert.ok(waitMsP95(stream, 10_000) < 60)
})

for (const rateBps of [0.5e6, 1e6]) {
  scenario(
    `BitrateController learns before the first picture of a screen at rest that a link carries ${rateBps / 1e6} Mbit/s only`,
    { rateBps },
    (stream) => {
      stream.isAtRest = true
      stream.run(6000)
      assert.ok(stream.controller.targetBps < rateBps, `${stream.controller.targetBps}`)
      assert.ok(stream.controller.targetBps > 0.5 * rateBps, `${stream.controller.targetBps}`)
      stream.isAtRest = false
      stream.run(2000)
      assert.equal(floodedMs(stream, 6000), 0)
      assert.deepEqual([stream.resyncs, stream.keyframes], [0, 1])
    },
  )
}

scenario(
  'BitrateController does not grow on a still picture, and does not flood the link when everything moves again',
  { rateBps: 3e6 },
  (stream) => {
    stream.run(15_000)
    stream.contentBps = 50_000
    stream.run(30_000)
    const stillBps = stream.between(16_000, 45_000).map(({ targetBps }) => targetBps)
    assert.ok(Math.max(...stillBps) < 3.2e6)
    stream.contentBps = Infinity
    stream.run(15_000)
    assert.equal(floodedMs(stream, 45_000), 0)
    assert.ok(utilisation(stream, 3e6, 50_000) > 0.8)
    assert.equal(stream.link.lost, 0)
  },
)

scenario(
  'BitrateController is back in a second after a delay that was not its own, with a screen at rest and with one that becomes sharp',
  { rateBps: 20e6 },
  (stream) => {
    stream.run(10_000)
    stream.contentBps = 20_000
    stream.run(5_000)
    for (const contentBps of [20_000, Infinity]) {
      stream.contentBps = contentBps
      for (let hiccup = 0; hiccup < 4; hiccup++) {
        stream.link.conditions.delayUs = 270_000
        stream.run(150)
        stream.link.conditions.delayUs = 20_000
        stream.run(450)
      }
      const fromMs = stream.nowMs
      stream.run(1_500)
      assert.ok(stream.controller.targetBps > 2e6, `${contentBps}: ${stream.controller.targetBps}`)
      stream.contentBps = 20_000
      stream.run(20_000)
      assert.equal(floodedMs(stream, fromMs), 0)
    }
  },
)

scenario(
  'BitrateController tries a slow link with a screen at rest, and soon leaves it alone',
  { rateBps: 500_000 },
  (stream) => {
    stream.contentBps = 20_000
    stream.run(60_000)
    const targets = stream.between(5_000, 60_000).map(({ targetBps }) => targetBps)
    assert.ok(Math.max(...targets) < 650_000, String(Math.max(...targets)))
    assert.ok(Math.min(...targets) > 200_000, String(Math.min(...targets)))
    assert.equal(floodedMs(stream, 5_000), 0)
    assert.ok(stream.probes >= 2 && stream.probes <= 14, `${stream.probes} probes`)
  },
)

scenario(
  'BitrateController does not try for a rate that it only assumed, and that the link never carried',
  { rateBps: 1e6 },
  (stream) => {
    stream.run(8000)
    const { probes } = stream
    stream.run(30_000)
    assert.equal(stream.probes, probes)
    assert.ok(utilisation(stream, 1e6, 8000) > 0.7)
  },
)

scenario(
  'BitrateController does not flood a link that became slow while nothing at all was sent',
  { rateBps: 5e6 },
  (stream) => {
    stream.run(15_000)
    stream.contentBps = 0
    stream.run(40_000)
    stream.link.conditions.rateBps = 1e6
    stream.contentBps = Infinity
    stream.run(20_000)
    assert.ok(stream.between(55_000, 55_600).some(({ targetBps }) => targetBps < 1e6))
    assert.ok(floodedMs(stream, 55_000) <= 1200)
    assert.ok(utilisation(stream, 1e6, 60_000) > 0.7)
  },
)

scenario(
  'BitrateController keeps to what a modest picture proves, though the link is fat',
  { rateBps: 50e6 },
  (stream) => {
    stream.contentBps = 3e6
    stream.run(30_000)
    assert.ok(stream.controller.targetBps < 1.6 * 3.2e6 + 300_000)
    assert.ok(stream.controller.targetBps > 3.2e6)
  },
)

scenario(
  'BitrateController shrinks while nothing comes back, and is back in seconds when something does',
  { rateBps: 5e6 },
  (stream) => {
    stream.run(15_000)
    const beforeBps = stream.controller.targetBps
    stream.link.conditions.lossRatio = 1
    stream.run(3000)
    assert.ok(stream.controller.targetBps < beforeBps / 10)
    assert.equal(stream.controller.lastCause, 'loss')
    stream.link.conditions.lossRatio = 0
    stream.run(5000)
    assert.ok(stream.controller.targetBps > 0.75 * beforeBps)
    assert.ok(stream.viewer.longestFreezeMs < 3300)
  },
)

scenario(
  'BitrateController takes a longer path for what it is when the delay jumps by 150 ms',
  { rateBps: 5e6 },
  (stream) => {
    stream.run(15_000)
    stream.link.conditions.delayUs = 170_000
    stream.run(15_000)
    assert.ok(utilisation(stream, 5e6, 20_000) > 0.7)
  },
)

test('BitrateController shares a link with another one and neither starves', () => {
  const one = new SimulatedStream({ seed: 1, link: { ...link, rateBps: 6e6 } })
  const other = new SimulatedStream({ seed: 2, link, over: one })
  for (let ms = 0; ms < 60_000; ms++) {
    one.run(1)
    other.run(1)
  }
  const shares = [one, other].map((stream) => utilisation(stream, 6e6, 30_000))
  assert.ok(Math.min(...shares) > 0.25, String(shares))
  assert.ok(mean(shares) > 0.38, String(shares))
})

test('BitrateController never leaves its bounds, and never fails, whatever reports say', () => {
  const arrival = fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(100_000), fc.constant(notArrived))
  const call = fc.oneof(
    fc.record({ kind: fc.constant('sent' as const), count: fc.nat(400) }),
    fc.record({ kind: fc.constant('poll' as const) }),
    fc.record({ kind: fc.constant('path' as const) }),
    fc.record({ kind: fc.constant('limit' as const), bps: fc.nat(1e9) }),
    fc.record({ kind: fc.constant('wish' as const), bps: fc.nat(1e9) }),
    fc.record({
      kind: fc.constant('arrivals' as const),
      first: fc.integer({ min: -100_000, max: 100_000 }),
      arrivalsUs: fc.array(arrival, { minLength: 1, maxLength: 100 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(call, fc.nat(300_000)), { maxLength: 60 }), (calls) => {
      const controller = new BitrateController({ capBps: 8e6 })
      let nowUs = 0
      let number = 0
      for (const [next, stepUs] of calls) {
        nowUs += stepUs
        if (next.kind === 'sent') {
          for (let count = 0; count < next.count; count++) controller.onSent(number++, 1200, nowUs)
        }
        if (next.kind === 'poll') controller.poll(nowUs)
        if (next.kind === 'path') controller.onPathChange()
        if (next.kind === 'limit') controller.onReceiverLimit(next.bps)
        if (next.kind === 'wish') controller.setCap(next.bps)
        if (next.kind === 'arrivals') controller.onArrivals(next, nowUs)
        assert.ok(controller.targetBps >= 150_000 && controller.targetBps <= 8e6)
        assert.ok(controller.pacingBps >= controller.targetBps)
        assert.ok(controller.queueDelayMs >= 0 && controller.roundTripMs >= 0)
        assert.ok(controller.lossRatio >= 0 && controller.lossRatio <= 1)
      }
    }),
  )
})

test('BitrateController obeys the receiver and the wish of the viewer beside its own estimate', () => {
  const controller = new BitrateController()
  assert.equal(controller.targetBps, 2_500_000)
  controller.onReceiverLimit(800_000)
  assert.equal(controller.targetBps, 800_000)
  assert.equal(controller.lastCause, 'delay')
  controller.setCap(500_000)
  assert.equal(controller.targetBps, 500_000)
  controller.setCap(0)
  controller.onReceiverLimit(10_000_000)
  assert.equal(controller.targetBps, 2_500_000)
  assert.equal(controller.lastCause, 'probe')
})

test('BitrateController adapts by loss reports where arrivals are not told', () => {
  const controller = new BitrateController({ rateKnownBy: 'losses' })
  let nowUs = 0
  const second = (fractionLost: number) => {
    for (let count = 0; count < 100; count++) {
      nowUs += 10_000
      controller.onSent(count, controller.targetBps / 800, nowUs)
    }
    controller.onLosses(fractionLost, nowUs)
    controller.poll(nowUs)
  }
  for (let count = 0; count < 10; count++) second(0)
  const grownBps = controller.targetBps
  assert.ok(grownBps > 3_500_000)
  for (let count = 0; count < 3; count++) second(0.3)
  assert.ok(controller.targetBps < grownBps / 2)
  assert.equal(controller.lastCause, 'loss')
})

test('BitrateController ignores loss reports beside arrivals', () => {
  const controller = new BitrateController()
  for (let count = 0; count < 10; count++) controller.onLosses(0.5, count * 1e6)
  assert.equal(controller.targetBps, 2_500_000)
})

test('BitrateController begins anew on another path, and learns nothing of it from what took the former one', () => {
  const stream = new SimulatedStream({ seed: 5, link: { ...link, rateBps: 20e6 } })
  stream.run(20_000)
  assert.ok(stream.controller.targetBps > 8e6)
  stream.link.conditions.rateBps = 1e6
  stream.link.conditions.delayUs = 80_000
  stream.controller.onPathChange()
  assert.deepEqual([stream.controller.targetBps, stream.controller.lastCause], [2_500_000, 'path'])
  assert.equal(stream.controller.roundTripMs, 100, 'nothing is known of it')
  stream.run(1000)
  assert.ok(stream.controller.targetBps < 1.2e6, `${stream.controller.targetBps}`)
  stream.run(10_000)
  assert.ok(stream.controller.roundTripMs >= 100 && stream.controller.roundTripMs < 300)
  stream.link.conditions.rateBps = 20e6
  stream.link.conditions.delayUs = 5_000
  stream.controller.onPathChange()
  stream.run(6_000)
  assert.ok(stream.controller.targetBps > 5e6, `${stream.controller.targetBps}`)
  assert.equal(floodedMs(stream, 31_000), 0)
})
