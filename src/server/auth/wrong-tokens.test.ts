import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openLog } from '../../observe/open-log.ts'
import { WrongTokens } from './wrong-tokens.ts'

function open() {
  const clock = new ManualClock()
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  const log = openLog({ level: 'info', destination: { write } })
  return { clock, lines, wrong: new WrongTokens({ clock, log }) }
}

test('WrongTokens tells once a minute how many came and from where, however many those are', () => {
  const { clock, lines, wrong } = open()
  for (let count = 0; count < 5000; count++) wrong.add('203.0.113.7')
  for (let count = 0; count < 20; count++) wrong.add('::ffff:198.51.100.2')
  for (let count = 0; count < 1000; count++) wrong.add(`2001:db8:0:${count.toString(16)}::1`)
  assert.equal(lines.length, 0)
  clock.advance(60_000)
  assert.equal(lines.length, 1)
  const [{ message, level, count, from, sources } = {}] = lines
  assert.deepEqual([level, message, count, sources], ['warn', 'Wrong tokens came', 6020, 256])
  assert.equal(Object.keys(from as object).length, 5)
  assert.deepEqual(Object.entries(from as object).slice(0, 2), [
    ['203.0.113.7', 5000],
    ['198.51.100.2', 20],
  ])
  assert.equal(wrong.total, 6020)
})

test('WrongTokens says nothing of a minute in which none came, and tells the rest at the end', () => {
  const { clock, lines, wrong } = open()
  clock.advance(600_000)
  assert.deepEqual([lines.length, clock.pending], [0, 0])
  wrong.add('203.0.113.7')
  wrong[Symbol.dispose]()
  wrong[Symbol.dispose]()
  assert.deepEqual(
    lines.map(({ count }) => count),
    [1],
  )
  assert.equal(clock.pending, 0)
})
