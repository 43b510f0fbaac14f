import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wheelNotches } from './wheel-notches.ts'

const turn = (deltaY: number, deltaMode: number, wheelDeltaY?: number) =>
  wheelNotches({ deltaX: 0, deltaY, deltaMode, ...(wheelDeltaY === undefined ? {} : { wheelDeltaY }) })

test('wheelNotches takes one detent of a wheel for one notch, whatever the browser makes of it', () => {
  assert.deepEqual(turn(100, 0, -120), { dx: 0, dy: 1 })
  assert.deepEqual(turn(-53, 0, 120), { dx: 0, dy: -1 })
  assert.deepEqual(turn(300, 0, -360), { dx: 0, dy: 3 })
})

test('wheelNotches counts lines and pages', () => {
  assert.deepEqual(turn(3, 1), { dx: 0, dy: 1 })
  assert.deepEqual(turn(-1, 2), { dx: 0, dy: -8 })
})

test('wheelNotches gives fractions for a trackpad, in both directions', () => {
  assert.deepEqual(turn(10, 0, -30), { dx: 0, dy: 0.2 })
  assert.deepEqual(wheelNotches({ deltaX: 25, deltaY: 0, deltaMode: 0 }), { dx: 0.5, dy: 0 })
})
