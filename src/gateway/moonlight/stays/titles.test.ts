import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbered, type Title } from './titles.ts'

test('a title has the same number whatever stands beside it, and no two have one', () => {
  const titles = Array.from({ length: 500 }, (_, index): Title => ({ kind: 'lobby', id: `${index}`, name: `${index}` }))
  const all = numbered(titles)
  assert.equal(all.size, titles.length)
  for (const [number, title] of all) {
    assert.ok(Number.isInteger(number) && number > 0 && number < 2 ** 31)
    assert.deepEqual([...numbered([title]).keys()], [number])
  }
})

test('a lobby and an app of one id are two titles', () => {
  const both = numbered([
    { kind: 'lobby', id: 'desktop', name: 'Desktop' },
    { kind: 'app', id: 'desktop', name: 'Start Desktop' },
  ])
  assert.deepEqual(
    [...both.values()].map(({ kind }) => kind),
    ['lobby', 'app'],
  )
})
