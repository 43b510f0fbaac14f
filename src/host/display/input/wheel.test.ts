import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { Wheel } from './wheel.ts'

describe('Wheel', () => {
  it('turns when parts of notches make a whole one', () => {
    const wheel = new Wheel(new ManualClock())
    assert.deepEqual(
      [0.4, 0.4, 0.4, 2.9].map((notches) => wheel.turn(notches)),
      [0, 0, 1, 3],
    )
  })

  it('begins anew when it turns back', () => {
    const wheel = new Wheel(new ManualClock())
    assert.deepEqual(
      [0.9, -0.5, -0.5].map((notches) => wheel.turn(notches)),
      [0, 0, -1],
    )
  })

  it('turns 32 notches in 50 ms at most', () => {
    const clock = new ManualClock()
    const wheel = new Wheel(clock)
    assert.deepEqual(
      [30, 30, -1e9].map((notches) => wheel.turn(notches)),
      [30, 2, 0],
    )
    clock.advance(50)
    assert.equal(wheel.turn(-1e9), -32)
  })

  it('does not mind what is no number', () => {
    const wheel = new Wheel(new ManualClock())
    assert.deepEqual(
      [Number.NaN, Infinity, -Infinity, 0].map((notches) => wheel.turn(notches)),
      [0, 0, 0, 0],
    )
    assert.equal(wheel.turn(1), 1)
  })

  it('loses and invents nothing when it turns one way', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 50 }), (turns) => {
        const clock = new ManualClock()
        const wheel = new Wheel(clock)
        let turned = 0
        for (const notches of turns) {
          turned += wheel.turn(notches)
          clock.advance(50)
        }
        const sum = turns.reduce((total, notches) => total + notches, 0)
        assert.ok(turned <= sum + 1e-6 && turned > sum - 1 - 1e-6)
      }),
    )
  })
})
