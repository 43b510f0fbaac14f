import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ViewSample } from '../../view/watch/view-meter.ts'
import { statsTable } from './stats-table.ts'

const clearLine = '\r\u{1b}[2K'
const sample: ViewSample = {
  path: 'relay [2001:db8::1234]:47900, 19 ms (the direct path was lost)',
  roundTripMs: 1234.5,
  lossRatio: 1,
  fps: 120,
  bitrateBps: 123_456_789,
  freezes: 1_234_567,
  recovered: 123_456_789,
  size: '3840x2160',
}

function shownOn(isTTY: boolean, columns: number, show: (table: ReturnType<typeof statsTable>) => void): string {
  let text = ''
  {
    using table = statsTable({ isTTY, columns, write: (more) => void (text += more) })
    show(table)
  }
  return text
}

test('statsTable takes no more columns of a terminal than it has, whatever there is to tell', () => {
  for (const columns of [40, 80, 120]) {
    const shown = shownOn(true, columns, (table) => {
      table.row(sample)
      table.row({ ...sample, path: undefined, roundTripMs: undefined, size: undefined })
    })
    const lines = shown.replaceAll(clearLine, '\n').split('\n')
    assert.ok(
      lines.every((line) => line.length < columns),
      shown,
    )
    assert.match(shown, columns === 40 ? /^PATH +RTT/ : /^PATH +RTT +LOSS +FPS +MBIT\/S +FREEZES +RECOVERED +SIZE\n/)
    assert.equal(shown.endsWith('\n'), true, 'what follows begins a line')
  }
})

test('statsTable lets other lines stand above its own', () => {
  const shown = shownOn(true, 80, (table) => {
    table.note('State   connecting')
    table.row({ ...sample, path: 'direct 192.0.2.1:47900' })
    table.note('State   connected')
  })
  const [before, , , row, note, again] = shown.replaceAll(clearLine, '\n').split('\n')
  assert.equal(before, 'State   connecting')
  assert.equal(note, 'State   connected')
  assert.ok(row?.startsWith('direct 192.0.2.1:47900 '), row)
  assert.equal(again, row)
})

test('statsTable tells programs all of it, a line each', () => {
  const shown = shownOn(false, 40, (table) => table.row({ ...sample, path: 'direct 192.0.2.1:47900' }))
  assert.equal(
    shown,
    'path=direct192.0.2.1:47900 rtt=1234.5ms loss=100.0% fps=120 bitrate=123.46Mbit/s freezes=1234567 recovered=123456789 size=3840x2160\n',
  )
})
