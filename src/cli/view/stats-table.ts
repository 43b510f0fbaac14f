import type { ViewSample } from '../../view/watch/view-meter.ts'
import type { Terminal } from '../contract/terminal.ts'
import { printable } from '../terminal/table.ts'

const columns = [
  ['PATH', 34],
  ['RTT', 9],
  ['LOSS', 7],
  ['FPS', 5],
  ['BITRATE', 12],
  ['FREEZES', 8],
  ['RECOVERED', 10],
  ['SIZE', 10],
] as const
/** To the beginning of the line, with nothing on it. */
const clearLine = '\r\x1b[2K'

/** Shows samples one in the place of the other on a terminal, and one line each elsewhere, for programs. */
export function statsTable({
  write,
  isTTY,
}: Pick<Terminal, 'write' | 'isTTY'>): Disposable & { row(sample: ViewSample): void } {
  let hasHead = false
  return {
    row(sample) {
      const cells = cellsOf(sample)
      if (!isTTY) {
        const names = columns.map(([name]) => name.toLowerCase())
        return write(`${cells.map((cell, column) => `${names[column]}=${cell.replaceAll(' ', '')}`).join(' ')}\n`)
      }
      if (!hasHead)
        write(
          `${columns
            .map(([name, width]) => name.padEnd(width))
            .join(' ')
            .trimEnd()}\n`,
        )
      hasHead = true
      write(
        clearLine +
          columns
            .map(([, width], column) => (cells[column] ?? '').padEnd(width))
            .join(' ')
            .trimEnd(),
      )
    },
    [Symbol.dispose]() {
      if (hasHead) write('\n')
    },
  }
}

function cellsOf(sample: ViewSample): readonly string[] {
  const { path, roundTripMs, lossRatio, fps, bitrateBps, freezes, recovered, size } = sample
  return [
    printable(path ?? 'none'),
    roundTripMs === undefined ? '-' : `${roundTripMs.toFixed(1)} ms`,
    `${(lossRatio * 100).toFixed(1)} %`,
    fps.toFixed(0),
    `${(bitrateBps / 1e6).toFixed(2)} Mbit/s`,
    String(freezes),
    String(recovered),
    size ?? '-',
  ]
}
