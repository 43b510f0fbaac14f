import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FreezeCount } from './freeze-count.ts'
import type { StatsSample } from './viewer-stats.ts'

/** Looks once a second; a look says how much longer the browser has seen the picture stand still, and how much of it was rest. */
function looking() {
  const count = new FreezeCount()
  let [frozenMs, freezes, restMs] = [0, 0, 0]
  return (frozeMs: number, restedMs: number | undefined) => {
    frozenMs += frozeMs
    if (frozeMs > 0) freezes++
    restMs += restedMs ?? 0
    const sample = { freezes, frozenS: frozenMs / 1000 } as StatsSample
    const host = { targetBps: 1, sentBps: 1, roundTripMs: 1, lossRatio: 0 }
    return count.look(sample, restedMs === undefined ? host : { ...host, restMs })
  }
}

test('FreezeCount leaves out what a screen at rest had nothing to show for, whenever it is told of', () => {
  const look = looking()
  look(0, 0)
  for (const [frozeMs, restedMs] of [
    [1000, 900],
    [1000, 1000],
    [1000, 1000],
    [0, 1100],
    [2000, 1000],
    [0, 0],
    [0, 0],
  ]) {
    assert.deepEqual(look(frozeMs as number, restedMs), { freezes: 0, frozenMs: 0 })
  }
})

test('FreezeCount counts what stands still while pictures are due, also right after a rest', () => {
  const look = looking()
  look(0, 0)
  look(700, 0)
  assert.deepEqual(look(0, 0), { freezes: 1, frozenMs: 700 })
  look(1000, 1000)
  look(0, 0)
  look(400, 0)
  assert.deepEqual(look(0, 0), { freezes: 2, frozenMs: 1100 })
})

test('FreezeCount believes the browser where the host tells nothing', () => {
  const look = looking()
  look(0, undefined)
  look(500, undefined)
  assert.deepEqual(look(0, undefined), { freezes: 1, frozenMs: 500 })
})
