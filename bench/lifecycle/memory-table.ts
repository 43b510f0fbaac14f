import { slope, table } from '../support/figures.ts'
import type { Memory } from '../support/memory-of.ts'

/** Heaps that have been filled once do not grow any more; before that, growth says nothing. */
const warmUpShare = 0.3

/** How memory grew from cycle to cycle. */
export function memoryTable(samples: readonly (readonly [cycle: number, found: Memory])[]): string {
  const warm = samples.slice(Math.floor(samples.length * warmUpShare))
  const row = (name: string, read: (found: Memory) => number) => {
    const points = warm.map(([cycle, found]) => [cycle, read(found)] as const)
    const megabytes = (point: readonly [number, number] | undefined) => `${((point?.[1] ?? 0) / 1024).toFixed(1)} MB`
    return [name, megabytes(points[0]), megabytes(points.at(-1)), `${slope(points).toFixed(2)} kB`]
  }
  return table(
    ['memory of the server, collected', 'after warming up', 'at the end', 'growth for each time'],
    [row('JavaScript heap', ({ heapKb }) => heapKb), row('in RAM', ({ residentKb }) => residentKb)],
  )
}
