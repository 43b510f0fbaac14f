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
/** All but the path, which takes what is left of a line. */
const columns: readonly Column[] = [
  {
    head: 'RTT',
    width: 8,
    cell: ({ roundTripMs }) => (roundTripMs === undefined ? '-' : `${roundTripMs.toFixed(1)} ms`),
  },
  { head: 'LOSS', width: 7, cell: ({ lossRatio }) => `${(lossRatio * 100).toFixed(1)} %` },
  { head: 'FPS', width: 3, cell: ({ fps }) => fps.toFixed(0) },
  bitrate,
  { head: 'FREEZES', width: 7, cell: ({ freezes }) => String(freezes) },
  { head: 'RECOVERED', width: 9, cell: ({ recovered }) => String(recovered) },
  { head: 'SIZE', width: 9, cell: ({ size }) => size ?? '-' },
]
/** Each with the space before it. */
const othersWidth = columns.reduce((sum, { width }) => sum + width + 1, 0)
/** So much of a path says at least what kind it is. */
const leastPathWidth = 10
/** To the beginning of the line, with nothing on it. */
const clearLine = '\r\u{1b}[2K'

/** How the viewing goes, as it is told to people or to programs. */
interface StatsTable extends Disposable {
  row(sample: ViewSample): void
  /** A line of something else: the row comes back below it. */
  note(line: string): void
}

/** Shows samples one in the place of the other on a terminal, in no more columns than it has, and one line each elsewhere, for programs. */
export function statsTable({ write, isTTY, columns: room }: Pick<Terminal, 'write' | 'isTTY' | 'columns'>): StatsTable {
  // A full line would be wrapped, and stay where it is.
  const lineWidth = room - 1
  const pathWidth = Math.max(leastPathWidth, lineWidth - othersWidth)
  const lineOf = (path: string, cells: readonly string[]) => {
    const told = path.length > pathWidth ? `${path.slice(0, pathWidth - 1)}…` : path.padEnd(pathWidth)
    const line = cells.reduce((text, cell, index) => `${text} ${cell.padEnd(columns[index]?.width ?? 0)}`, told)
    return line.slice(0, lineWidth).trimEnd()
  }
  let shown: string | undefined
  return {
    row(sample) {
      if (!isTTY) return write(`${wordsOf(sample)}\n`)
      const heads = columns.map(({ head }) => head)
      if (shown === undefined) write(`${lineOf('PATH', heads)}\n`)
      const cells = columns.map(({ cell }) => cell(sample))
      shown = lineOf(printable(sample.path ?? 'none'), cells)
      write(clearLine + shown)
    },
    note(line) {
      write(shown === undefined ? `${line}\n` : `${clearLine}${line}\n${shown}`)
    },
    [Symbol.dispose]() {
      if (shown !== undefined) write('\n')
      shown = undefined
    },
  }
}

/** `name=value` pairs without spaces in them. */
function wordsOf(sample: ViewSample): string {
  const named = columns.map((column) =>
    column === bitrate ? ['bitrate', `${column.cell(sample)}Mbit/s`] : [column.head.toLowerCase(), column.cell(sample)],
  )
  return [['path', printable(sample.path ?? 'none')], ...named]
    .map(([name, value = '']) => `${name}=${value.replaceAll(' ', '')}`)
    .join(' ')
}
