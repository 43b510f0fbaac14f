import { pathStateWords, type PathStanding } from '../../domain/path-standing.ts'
import type { ViewSample } from '../../view/watch/view-meter.ts'
import type { Terminal } from '../contract/terminal.ts'
import { printable } from '../terminal/table.ts'

interface Column {
  /** On a terminal; in small letters, its name for programs. */
  readonly head: string
  readonly width: number
  readonly cell: (sample: ViewSample) => string
}

const bitrate: Column = { head: 'MBIT/S', width: 6, cell: ({ bitrateBps }) => (bitrateBps / 1e6).toFixed(2) }
const columns: readonly Column[] = [
  {
    head: 'RTT',
    width: 8,
    cell: ({ roundTripMs }) => (roundTripMs === undefined ? '-' : `${roundTripMs.toFixed(1)} ms`),
  },
  { head: 'LOSS', width: 7, cell: ({ lossRatio }) => `${(lossRatio * 100).toFixed(1)} %` },
  { head: 'FPS', width: 3, cell: ({ fps }) => fps.toFixed(0) },
  bitrate,
  {
    head: 'PARITY',
    width: 6,
    cell: ({ parityPercent }) => (parityPercent === undefined ? '-' : `${parityPercent.toFixed(0)} %`),
  },
  { head: 'RECOVERED', width: 9, cell: ({ recovered }) => String(recovered) },
  { head: 'FREEZES', width: 7, cell: ({ freezes }) => String(freezes) },
  { head: 'SIZE', width: 9, cell: ({ size }) => size ?? '-' },
  { head: 'MODE', width: 11, cell: ({ mode }) => printable(mode ?? '-') },
]
/** So many of the other paths are shown, as far as the terminal has the lines. */
const mostOthers = 6
/** What is shown besides: heads, measures, the path, how many more there are; and one line stays free. */
const otherLines = 5

/** How the viewing goes, as it is told to people or to programs. */
interface StatsTable extends Disposable {
  row(sample: ViewSample): void
  /** A line of something else: the table comes back below it. */
  note(line: string): void
}

/**
 * Shows samples one in the place of the other on a terminal, in no more columns than it has: the measures, the path with why it is that
 * one, and a line for each other path. Elsewhere a line each, for programs.
 */
export function statsTable(terminal: Pick<Terminal, 'write' | 'isTTY' | 'columns' | 'rows'>): StatsTable {
  const { write, isTTY } = terminal
  let shown: readonly string[] = []
  /** Writes over what is shown, in one piece and without clearing it first, so that nothing flickers. */
  const show = (lines: readonly string[], above: readonly string[] = []) => {
    const up = shown.length > 1 ? `\u{1b}[${shown.length - 1}A` : ''
    const text = [...above, ...lines].map((line) => `${line}\u{1b}[K`).join('\n')
    write(`${shown.length > 0 ? `\r${up}` : ''}${text}\u{1b}[J`)
    shown = lines
  }
  return {
    row(sample) {
      if (!isTTY) return write(`${wordsOf(sample)}\n`)
      const room = Math.max(0, Math.min(mostOthers, (terminal.rows ?? 24) - otherLines))
      // A full line would be wrapped, and stay where it is.
      const fit = (line: string) => shortened(line, terminal.columns - 1)
      show([heads, measuresOf(sample), pathOf(sample), ...othersOf(sample.others, room)].map(fit))
    },
    note(line) {
      if (shown.length === 0) write(`${line}\n`)
      else show(shown, [line])
    },
    [Symbol.dispose]() {
      if (shown.length > 0) write('\n')
      shown = []
    },
  }
}

const heads = columns
  .map(({ head, width }) => head.padEnd(width))
  .join(' ')
  .trimEnd()

function measuresOf(sample: ViewSample): string {
  const cells = columns.map(({ cell, width }) => cell(sample).padEnd(width))
  return cells.join(' ').trimEnd()
}

function pathOf({ path, because }: ViewSample): string {
  if (path === undefined) return 'by no path: the host is not reached now'
  return `by ${printable(path)}${because === undefined ? '' : `: ${because}`}`
}

/** Each with what is known of it, names below each other. */
function othersOf(others: readonly PathStanding[], room: number): string[] {
  const told = others.slice(0, others.length > room ? Math.max(0, room - 1) : room)
  const width = Math.max(0, ...told.map(({ name }) => name.length))
  const lines = told.map((path) => `   ${printable(path.name).padEnd(width)}  ${describeStanding(path)}`)
  const more = others.length - told.length
  return more > 0 ? [...lines, `   and ${more} more`] : lines
}

function describeStanding({ state, roundTripMs, lossRatio = 0 }: PathStanding): string {
  const delay = roundTripMs === undefined ? '' : `, ${roundTripMs.toFixed(0)} ms`
  const loss = lossRatio >= 0.02 ? `, loses ${(lossRatio * 100).toFixed(0)} %` : ''
  return pathStateWords[state] + delay + loss
}

function shortened(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line
}

/** `name=value` pairs without spaces in them. */
function wordsOf(sample: ViewSample): string {
  const { path, because, others } = sample
  const named = columns.map((column) =>
    column === bitrate ? ['bitrate', `${column.cell(sample)}Mbit/s`] : [column.head.toLowerCase(), column.cell(sample)],
  )
  const standings = others.map(({ name, state, roundTripMs }) => {
    const delay = roundTripMs === undefined ? '' : `/${roundTripMs.toFixed(0)}ms`
    return `${printable(name)}/${state}${delay}`
  })
  const why = (because ?? '-').replaceAll(' ', '-')
  return [['path', printable(path ?? 'none')], ...named, ['because', why], ['others', standings.join(',') || '-']]
    .map(([name, value = '']) => `${name}=${value.replaceAll(' ', '')}`)
    .join(' ')
}
