import { type LocalType, isUnsaid } from './local-type.ts'
import { explore, type NumberedPoint } from './points.ts'

/**
 * Why who behaves as `local` cannot stand in for who is expected to behave as `expected` (Gay and Hole: Subtyping for session
 * types in the pi calculus), in words; undefined when it can. It may say less and has to understand all that may be said
 * to it; it goes on without an answer only where that is expected. It may also fall silent where it would have spoken: types order messages, they do not promise them. Payload
 * schemas are not compared: two versions do not share theirs.
 */
export function subtypeFault(local: LocalType, expected: LocalType): string | undefined {
  const points = explore(local)
  const wanted = explore(expected)
  const pairs: Pair[] = [{ at: 0, expectedAt: 0, run: [] }]
  const seen = new Set([0])
  for (const { at, expectedAt, run } of pairs) {
    const point = points[at] as NumberedPoint
    const other = wanted[expectedAt] as NumberedPoint
    const fault = faultBetween(point, other)
    if (fault !== undefined) return run.length === 0 ? fault : `after ${run.slice(-5).join(', ')}: ${fault}`
    if (point.kind !== other.kind) continue
    for (const { label, to, lost, late } of point.ways) {
      // Branches for a delay are alike whatever their names are; who is lost sees nothing of what is done without it.
      const way = other.ways.find((each) => (late ? each.late : !lost && !isUnsaid(each) && each.label === label))
      const key = way ? to * wanted.length + way.to : 0
      if (!way || seen.has(key)) continue
      seen.add(key)
      pairs.push({ at: to, expectedAt: way.to, run: [...run.slice(-5), `"${label}"`] })
    }
  }
  return undefined
}

interface Pair {
  readonly at: number
  readonly expectedAt: number
  readonly run: readonly string[]
}

/** What is wrong at one pair of points; the ways that both have are looked at behind them. */
function faultBetween(point: NumberedPoint, expected: NumberedPoint): string | undefined {
  const isAlike = point.kind === expected.kind && point.peer === expected.peer
  const says = point.kind === 'send' ? labelsOf(point) : []
  const expectedToSay = isAlike && expected.kind === 'send' ? labelsOf(expected) : []
  const unexpected = says.find((label) => !expectedToSay.includes(label))
  if (unexpected !== undefined) return `it may say "${unexpected}" to ${point.peer}, which is not expected there`
  const hears = expected.kind === 'receive' ? labelsOf(expected) : []
  const understands = isAlike && point.kind === 'receive' ? labelsOf(point) : []
  const unknown = hears.find((label) => !understands.includes(label))
  if (unknown !== undefined) return `it does not know "${unknown}", which ${expected.peer} may say to it there`
  const late = point.ways.find((way) => way.late)
  if (late && !(isAlike && expected.ways.some((way) => way.late))) {
    return `it may go on without an answer of ${point.peer} after ${late.late?.afterMs} ms, which is not expected there`
  }
  return undefined
}

function labelsOf({ ways }: NumberedPoint): string[] {
  return ways.flatMap((way) => (isUnsaid(way) ? [] : way.label))
}
