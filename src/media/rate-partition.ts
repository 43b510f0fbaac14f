/**
 * How well rates share few groups, when everybody in a group gets the least rate in it: the worst share that anybody
 * gets of its own rate, 1 when all get theirs.
 */
export function worstShare(groups: readonly (readonly number[])[]): number {
  return Math.min(1, ...groups.map((rates) => Math.min(...rates) / Math.max(...rates)))
}

/**
 * Parts rates into the fewest groups, at most `maxGroups`, that leave everybody `share` of its own rate, or where that
 * cannot be, into those that leave the worst off the most. Groups and their rates come in falling order. Pure.
 */
export function bestPartition(rates: readonly number[], maxGroups: number, share: number): number[][] {
  const falling = rates.toSorted((a, b) => b - a)
  let best: number[][] = []
  for (let count = 1; count <= Math.min(maxGroups, falling.length); count++) {
    best = partInto(falling, count)
    if (worstShare(best) >= share) break
  }
  return best
}

/** The best partition of falling rates into exactly `count` groups; groups of neighbours are always among the best. */
function partInto(falling: readonly number[], count: number): number[][] {
  const distinct = [...new Set(falling)]
  const cuts = bestCuts(distinct, Math.min(count, distinct.length))
  return cuts.map((from, index) => {
    const until = cuts[index + 1] ?? distinct.length
    const highest = distinct[from] ?? 0
    const lowest = distinct[until - 1] ?? 0
    return falling.filter((rate) => rate <= highest && rate >= lowest)
  })
}

/** Where each group begins in falling distinct rates, such that the worst share is best. By dynamic programming. */
function bestCuts(distinct: readonly number[], count: number): number[] {
  interface Tail {
    readonly share: number
    readonly cuts: readonly number[]
  }
  const shareOf = (from: number, until: number) => (distinct[until - 1] ?? 0) / (distinct[from] ?? 1)
  /** For each beginning, the best partition of the rest into the groups so far. */
  let tails: (Tail | undefined)[] = distinct.map((_, from) => ({ share: shareOf(from, distinct.length), cuts: [from] }))
  for (let groups = 2; groups <= count; groups++) {
    const shorter = tails
    tails = distinct.map((_, from) => {
      let best: Tail | undefined
      for (let until = from + 1; until < distinct.length; until++) {
        const rest = shorter[until]
        const share = Math.min(shareOf(from, until), rest?.share ?? 0)
        if (rest && (!best || share > best.share)) best = { share, cuts: [from, ...rest.cuts] }
      }
      return best
    })
  }
  return [...(tails[0]?.cuts ?? [])]
}
