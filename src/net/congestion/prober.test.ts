import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Prober } from './prober.ts'

const path = { targetBps: 2_500_000, roundTripMs: 20 }
const packetBytes = 275

/** Sends one probe over a path that lets `burstBytes` through as they come and carries `rateBps` after that; what is found. */
function probe(
  prober: Prober,
  startUs: number,
  conditions: { rateBps: number; burstBytes: number },
): number | undefined {
  const due = prober.due({ ...path, goalBps: 4_000_000, deliveredBps: 0, knownBps: 0, isFree: true }, startUs)
  assert.ok(due)
  const bytes = prober.begin(due, startUs)
  let leftBytes = conditions.burstBytes
  let freeUs = startUs
  let sentUs = startUs
  for (let sentBytes = 0; sentBytes < bytes; sentBytes += packetBytes, sentUs += (packetBytes * 8e6) / due) {
    prober.onSent(packetBytes)
    leftBytes -= packetBytes
    if (leftBytes < 0) freeUs = Math.max(freeUs, sentUs) + (packetBytes * 8e6) / conditions.rateBps
    prober.onArrived({ sentUs, arrivalUs: Math.max(sentUs, freeUs) + 10_000, bytes: packetBytes, isLate: false })
  }
  prober.end(sentUs)
  return prober.take(path, sentUs + 500_000)
}

test('Prober finds what a path carries, however much of a burst its shaper lets through at once', () => {
  for (const burstBytes of [0, 3000, 6000]) {
    const prober = new Prober()
    assert.equal(probe(prober, 0, { rateBps: 1_000_000, burstBytes }), undefined, 'one alone can be a hiccup')
    const foundBps = probe(prober, 20_000_000, { rateBps: 1_000_000, burstBytes })
    assert.ok(foundBps !== undefined && foundBps > 750_000 && foundBps < 900_000, `${foundBps} with ${burstBytes}`)
  }
})

test('Prober finds more at once, and forgets what a hiccup had made of the probe before', () => {
  const prober = new Prober()
  assert.equal(probe(prober, 0, { rateBps: 1_000_000, burstBytes: 0 }), undefined)
  const foundBps = probe(prober, 20_000_000, { rateBps: 100_000_000, burstBytes: 0 })
  assert.ok(foundBps !== undefined && foundBps > 3_500_000, `${foundBps}`)
  assert.equal(probe(prober, 40_000_000, { rateBps: 1_000_000, burstBytes: 0 }), undefined)
})
