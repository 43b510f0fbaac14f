import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { ReplayWindow } from './replay-window.ts'

const size = 2048

/** Takes a number when it is new, and tells whether it was. */
function comes(window: ReplayWindow, number: number): boolean {
  const isNew = window.isNew(number)
  if (isNew) window.take(number)
  return isNew
}

test('ReplayWindow takes each number once, in the cases that RFC 6479 has been tried with', () => {
  const window = new ReplayWindow()
  const cases: readonly (readonly [number, boolean])[] = [
    [0, true],
    [1, true],
    [1, false],
    [9, true],
    [8, true],
    [7, true],
    [7, false],
    [size, true],
    [size - 1, true],
    [size - 1, false],
    [size - 2, true],
    [2, true],
    [2, false],
    [size + 16, true],
    [3, false],
    [size + 16, false],
    [size * 4, true],
    [size * 4 - (size - 1), true],
    [10, false],
    [size * 4 - size, false],
    [size * 4 - (size + 1), false],
    [size * 4 - (size - 2), true],
    [size * 4 + 1 - size, false],
    [0, false],
    [2 ** 40, true],
    [2 ** 40 - 1, true],
    [2 ** 40 - 1, false],
    [2 ** 40 - size + 1, true],
    [2 ** 40 - size, false],
    [2 ** 40 + 31, true],
    [2 ** 40 + 32, true],
    [2 ** 40 + 31, false],
  ]
  for (const [number, isNew] of cases) assert.equal(comes(window, number), isNew, `${number}`)
  assert.equal(window.newest, 2 ** 40 + 32)
})

test('ReplayWindow says what a list of all that came would say, whatever the order', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    const window = new ReplayWindow()
    const seen = new Set<number>()
    let newest = -1
    for (let step = 0; step < 3000; step++) {
      const reach = random() < 0.02 ? 5000 : 40
      const number = Math.max(0, Math.floor(newest + 1 + (random() - 0.6) * reach))
      const expected = !seen.has(number) && number > newest - size
      assert.equal(comes(window, number), expected, `seed ${seed}, ${number} after ${newest}`)
      if (expected) seen.add(number)
      if (expected && number > newest) newest = number
    }
  }
})
