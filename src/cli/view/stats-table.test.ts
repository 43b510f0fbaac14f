import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ViewSample } from '../../view/watch/view-meter.ts'
import { statsTable } from './stats-table.ts'

const sample: ViewSample = {
  path: 'relay [2001:db8::1234]:47900',
  because: 'the former one is dead',
  others: [
    { name: 'web port https://host.example', state: 'warm', roundTripMs: 31.4, lossRatio: 0.05 },
    { name: 'direct 192.0.2.1:47900', state: 'dead' },
    { name: 'direct 10.0.0.5:47900', state: 'untried' },
  ],
  roundTripMs: 1234.5,
  lossRatio: 1,
  fps: 120,
  bitrateBps: 123_456_789,
  freezes: 1_234_567,
  recovered: 123_456_789,
  size: '3840x2160',
  parityPercent: 20,
  mode: 'bad-network',
}

/** What stands on the lines of a terminal in the end, and everything that was written. */
function shownOn(
  terminal: { readonly isTTY: boolean; readonly columns: number; readonly rows?: number },
  show: (table: ReturnType<typeof statsTable>) => void,
): { readonly screen: string[]; readonly writes: readonly string[] } {
  const writes: string[] = []
  {
    using table = statsTable({ ...terminal, write: (more) => void writes.push(more) })
    show(table)
  }
  const screen = ['']
  let [line, column] = [0, 0]
  const said = writes.join('').replaceAll('\u{1b}', '~')
  for (const [, up, ends, clears, home, feed, text = ''] of said.matchAll(
    /~\[(\d+)A|(~\[K)|(~\[J)|(\r)|(\n)|([^\r\n~]+)/g,
  )) {
    if (up !== undefined) line -= Number(up)
    else if (ends !== undefined) screen[line] = (screen[line] ?? '').slice(0, column)
    else if (clears !== undefined) screen.length = line + 1
    else if (home !== undefined) column = 0
    else if (feed !== undefined) {
      line++
      column = 0
      screen[line] ??= ''
    } else {
      const before = screen[line] ?? ''
      screen[line] = before.slice(0, column) + text + before.slice(column + text.length)
      column += text.length
    }
  }
  return { screen, writes }
}

test('statsTable tells the measures, the path with its reason, and how each other path stands', () => {
  const { screen } = shownOn({ isTTY: true, columns: 80 }, (table) => {
    table.row({ ...sample, others: [] })
    table.row(sample)
  })
  assert.deepEqual(screen, [
    'RTT      LOSS    FPS MBIT/S PARITY RECOVERED FREEZES SIZE      MODE',
    '1234.5 ms 100.0 % 120 123.46 20 %   123456789 1234567 3840x2160 bad-network',
    'by relay [2001:db8::1234]:47900: the former one is dead',
    '   web port https://host.example  kept warm, 31 ms, loses 5 %',
    '   direct 192.0.2.1:47900         no answer any more',
    '   direct 10.0.0.5:47900          no answer yet',
    '',
  ])
})

test('statsTable takes no more columns and lines of a terminal than it has, whatever there is to tell', () => {
  const others = Array.from({ length: 24 }, (_, port) => ({ name: `direct 192.0.2.1:${port}`, state: 'dead' as const }))
  for (const [columns, rows] of [
    [20, 6],
    [40, 8],
    [80, 24],
    [120, 50],
  ] as const) {
    const { screen } = shownOn({ isTTY: true, columns, rows }, (table) => {
      table.row(sample)
      table.row({ ...sample, others })
    })
    assert.ok(
      screen.every((line) => line.length < columns),
      screen.join('\n'),
    )
    assert.ok(screen.length <= rows, screen.join('\n'))
    assert.match(screen.at(-2) ?? '', /^ {3}and \d+ more$/)
  }
})

test('statsTable writes over itself in one piece, leaves nothing of what was longer, and lets other lines stand above', () => {
  const { screen, writes } = shownOn({ isTTY: true, columns: 80 }, (table) => {
    table.note('State   connecting')
    table.row(sample)
    table.note('State   connected')
    table.row({ ...sample, path: undefined, because: undefined, others: [], roundTripMs: undefined, size: undefined })
  })
  assert.equal(writes.length, 5, 'the end of the last line among them')
  assert.deepEqual(
    screen.map((line) => line.split(/\s/)[0]),
    ['State', 'State', 'RTT', '-', 'by', ''],
  )
  assert.equal(screen.at(-2), 'by no path: the host is not reached now')
  // Lines are written over and not cleared before: whoever looks on never sees them empty.
  assert.ok(!writes.join('').includes('\u{1b}[2K'))
})

test('statsTable tells programs all of it, a line each', () => {
  const { writes } = shownOn({ isTTY: false, columns: 40 }, (table) => table.row(sample))
  assert.deepEqual(writes, [
    'path=relay[2001:db8::1234]:47900 rtt=1234.5ms loss=100.0% fps=120 bitrate=123.46Mbit/s parity=20% recovered=123456789 ' +
      'freezes=1234567 size=3840x2160 mode=bad-network because=the-former-one-is-dead ' +
      'others=webporthttps://host.example/warm/31ms,direct192.0.2.1:47900/dead,direct10.0.0.5:47900/untried\n',
  ])
})
