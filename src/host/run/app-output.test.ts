import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { AppOutput } from './app-output.ts'

const texts = (output: AppOutput) => output.lines().map(({ text }) => text)

test('AppOutput keeps lines with their time, and one only when its end has come', () => {
  const clock = new ManualClock()
  const output = new AppOutput(clock)
  output.write('one\ntw')
  const firstMs = clock.epochMs()
  clock.advance(1000)
  assert.deepEqual(output.lines(), [{ number: 1, atMs: firstMs, source: 'app', text: 'one' }])
  output.write('o\r\n\n   \nthr')
  assert.deepEqual(texts(output), ['one', 'two'])
  assert.equal(output.lines()[1]?.atMs, firstMs + 1000)
  output.note('It has ended')
  assert.deepEqual(
    output.lines(2).map(({ number, source, text }) => [number, source, text]),
    [
      [3, 'app', 'thr'],
      [4, 'host', 'It has ended'],
    ],
  )
})

test('AppOutput tells what came after a number, also when that line is no longer kept', () => {
  const output = new AppOutput(new ManualClock())
  for (let line = 1; line <= 1500; line++) output.write(`line ${line}\n`)
  assert.equal(output.lines().length, 1000)
  assert.equal(output.lines()[0]?.number, 501)
  assert.deepEqual(
    output.lines(1498).map(({ text }) => text),
    ['line 1499', 'line 1500'],
  )
  assert.equal(output.lines(3).length, 1000)
  assert.deepEqual(output.lines(1500), [])
  assert.deepEqual(output.lines(9999), [])
})

test('AppOutput keeps no colours and no control characters', () => {
  const output = new AppOutput(new ManualClock())
  output.write('\u001B[31mred\u001B[0m\tand \u0007\u202Eevil\u0000\n')
  assert.deepEqual(texts(output), ['red\tand evil'])
})

test('AppOutput stays bounded and keeps the newest, however an app prints', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 5000 }), { maxLength: 200 }), (chunks) => {
      const output = new AppOutput(new ManualClock())
      for (const chunk of chunks) output.write(`${chunk.repeat(20)}\n`)
      output.write('last\n')
      const lines = output.lines()
      assert.ok(lines.length <= 1000)
      assert.ok(lines.reduce((sum, { text }) => sum + text.length, 0) <= 128 * 1024)
      assert.ok(lines.every(({ text }) => text.length <= 1000))
      assert.ok(lines.every(({ number }, index) => number === (lines[0]?.number ?? 0) + index))
      assert.equal(lines.at(-1)?.text, 'last')
    }),
    { numRuns: 50 },
  )
})
