import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { announceMs, settleMs, SpareKeycodes } from './spare-keycodes.ts'

/** Spare keycodes over a keyboard that is a map. */
function spares(count: number) {
  const keyboard = new Map<number, number>()
  const requests: number[] = []
  const lent = new SpareKeycodes(
    Array.from({ length: count }, (_, index) => 200 + index),
    (first, symbols) => {
      requests.push(symbols.length)
      symbols.forEach((symbol, index) => keyboard.set(first + index, symbol))
    },
  )
  return { lent, keyboard, requests }
}

describe('SpareKeycodes', () => {
  it('lends a keycode that can be used when apps have had time to read it', () => {
    const { lent, keyboard } = spares(8)
    lent.lend([0xe9], 0)
    assert.equal(lent.find(0xe9, announceMs - 1), undefined)
    assert.equal(lent.find(0xe9, announceMs), 200)
    assert.equal(keyboard.get(200), 0xe9)
  })

  it('gives many keycodes a meaning in one request, and none of them twice', () => {
    const { lent, keyboard, requests } = spares(8)
    lent.lend([1, 2, 2, 3, 1], 0)
    lent.lend([2, 3], 10)
    assert.deepEqual(requests, [3])
    assert.deepEqual([...keyboard.values()], [1, 2, 3])
  })

  it('leaves alone what stands in short rows', () => {
    const lent = new SpareKeycodes([8, 93, 103, 104, ...Array.from({ length: 8 }, (_, index) => 230 + index)], () => {})
    assert.deepEqual(lent.keycodes, [230, 231, 232, 233, 234, 235, 236, 237])
  })

  it('takes the one used longest ago when all have a meaning', () => {
    const { lent, keyboard } = spares(8)
    lent.lend([1, 2, 3, 4, 5, 6, 7, 8], 0)
    for (const keycode of [200, 202]) {
      lent.pressed(keycode)
      lent.released(keycode)
    }
    lent.settled(lent.uses, 1000)
    lent.lend([9], 2000)
    assert.equal(keyboard.get(201), 9)
  })

  it('does not take what is held, what is not settled, or what was used just now', () => {
    const { lent, keyboard } = spares(8)
    lent.lend([1, 2, 3, 4, 5, 6, 7, 8], 0)
    for (let keycode = 200; keycode < 208; keycode++) lent.pressed(keycode)
    lent.lend([9], 1e6)
    assert.deepEqual([...keyboard.values()], [1, 2, 3, 4, 5, 6, 7, 8], 'all are held')
    const before = lent.uses
    lent.released(205)
    lent.settled(before, 1e6)
    lent.lend([9], 2e6)
    assert.equal(keyboard.get(205), 6, 'the server has not answered since')
    lent.settled(lent.uses, 2e6)
    lent.lend([9], 2e6 + settleMs - 1)
    assert.equal(keyboard.get(205), 6, 'an app may not have got to it')
    lent.lend([9], 2e6 + settleMs)
    assert.equal(keyboard.get(205), 9)
  })

  it('never changes the meaning of a keycode that is held, whatever happens', () => {
    const step = fc.record({ symbol: fc.integer({ min: 1, max: 30 }), hold: fc.boolean(), waitMs: fc.nat(600) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { lent, keyboard } = spares(8)
        const held = new Map<number, number>()
        let nowMs = 0
        for (const { symbol, hold, waitMs } of steps) {
          lent.lend([symbol], nowMs)
          nowMs += waitMs
          const keycode = lent.find(symbol, nowMs)
          if (keycode !== undefined && hold && !held.has(keycode)) {
            held.set(keycode, symbol)
            lent.pressed(keycode)
          } else if (keycode !== undefined && held.delete(keycode)) {
            lent.released(keycode)
            lent.settled(lent.uses, nowMs)
          }
          for (const [down, meaning] of held) assert.equal(keyboard.get(down), meaning)
        }
      }),
    )
  })
})
