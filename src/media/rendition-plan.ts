import { type VideoCodec, usualCodec } from '../domain/video-codec.ts'
import { bestPartition, worstShare } from './rate-partition.ts'

/** A viewer, as far as the plan is concerned. */
export interface PlannedViewer {
  readonly id: number
  readonly codec: VideoCodec
  /** Only viewers of one family can share a rendition: those of one codec and one shape. */
  readonly family: string
  /** What its path can carry, in bits a second. */
  readonly bitrateBps: number
}

/** Viewers that share one rendition. */
export interface PlannedGroup {
  readonly id: number
  readonly codec: VideoCodec
  readonly family: string
  /** The least of what its viewers' paths can carry: nobody gets more than that. */
  readonly bitrateBps: number
  readonly viewers: readonly PlannedViewer[]
}

/** Which viewers share a rendition, and since when that could be better. */
export interface RenditionPlan {
  readonly groups: readonly PlannedGroup[]
  readonly nextId: number
  /** By family. */
  readonly reviews: ReadonlyMap<string, Review>
  /** When to plan again although nothing may have changed; undefined when there is no need. */
  readonly reviewAtMs: number | undefined
}

interface Review {
  readonly regroupedAtMs: number
  /** Since when somebody has got less than the fair share of what its path can carry. */
  readonly unfairSinceMs: number | undefined
  /** Since when fewer renditions would do. */
  readonly wastefulSinceMs: number | undefined
}

/** Renditions of one family. Each is a core's share of work, so there are few. */
export const maxGroups = 3

/** Everybody should get at least this share of what its path can carry. */
export const fairShare = 0.6

/** Groups are joined only if that leaves everybody this share, so that they do not part again soon. */
const joiningShare = 0.72

/** Less than this share is put right at once. */
const poorShare = 0.35

const unfairAfterMs = 1_000
const wastefulAfterMs = 10_000
const shortestRestMs = 1_000

export const emptyPlan: RenditionPlan = { groups: [], nextId: 1, reviews: new Map(), reviewAtMs: undefined }

/**
 * Follows a change of viewers or of what their paths can carry. One viewer gets exactly its own rate. Many are grouped;
 * a group's rate follows its weakest member at once, but members change groups only when that has been unfair, or
 * wasteful, for a while. Pure.
 */
export function planRenditions(
  previous: RenditionPlan,
  viewers: readonly PlannedViewer[],
  nowMs: number,
): RenditionPlan {
  const reviews = new Map<string, Review>()
  const groups: PlannedGroup[] = []
  let { nextId } = previous
  for (const [family, own] of Map.groupBy(viewers, (viewer) => viewer.family)) {
    const kept = keepGroups(previous.groups, family, own)
    const seated = seatNewcomers(kept, own, nextId)
    const { settled, review } = regroupIfDue(seated, previous.reviews.get(family), nowMs)
    nextId = Math.max(nextId, ...settled.map(({ id }) => id + 1))
    groups.push(...settled)
    reviews.set(family, review)
  }
  return { groups, nextId, reviews, reviewAtMs: earliestReview(reviews.values()) }
}

/** The groups of one family with those members that still watch, at their present rates. */
function keepGroups(
  groups: readonly PlannedGroup[],
  family: string,
  viewers: readonly PlannedViewer[],
): PlannedGroup[] {
  return groups
    .filter((group) => group.family === family)
    .map((group) => {
      const ids = new Set(group.viewers.map(({ id }) => id))
      return {
        group,
        members: viewers.filter(({ id }) => ids.has(id)),
      }
    })
    .filter(({ members }) => members.length > 0)
    .map(({ group, members }) => groupOf(group.id, members))
}

/** Gives everyone without a group the one that suits it best, or a new one. */
function seatNewcomers(
  kept: readonly PlannedGroup[],
  viewers: readonly PlannedViewer[],
  firstId: number,
): PlannedGroup[] {
  const groups = [...kept]
  const seated = new Set(kept.flatMap((group) => group.viewers.map(({ id }) => id)))
  let nextId = firstId
  // The slowest first: the others can join it, but it cannot join them.
  for (const viewer of viewers.toSorted((a, b) => a.bitrateBps - b.bitrateBps)) {
    if (seated.has(viewer.id)) continue
    const suited = groups
      .filter(({ bitrateBps }) => bitrateBps <= viewer.bitrateBps && bitrateBps >= viewer.bitrateBps * fairShare)
      .toSorted((a, b) => b.bitrateBps - a.bitrateBps)[0]
    const host = suited ?? (groups.length < maxGroups ? undefined : nearest(groups, viewer.bitrateBps))
    if (host) groups[groups.indexOf(host)] = groupOf(host.id, [...host.viewers, viewer])
    else groups.push(groupOf(nextId++, [viewer]))
  }
  return groups
}

/** Forms the groups anew when the present ones have been bad for long enough and better ones exist. */
function regroupIfDue(
  groups: readonly PlannedGroup[],
  before: Review | undefined,
  nowMs: number,
): { settled: readonly PlannedGroup[]; review: Review } {
  const share = worstShare(groups.map(ratesOf))
  const rates = groups.flatMap(ratesOf)
  const best = bestPartition(rates, maxGroups, fairShare)
  const canBeFairer = share < fairShare && worstShare(best) > share * 1.05
  const leaner = bestPartition(rates, maxGroups, joiningShare)
  const canBeLeaner = leaner.length < groups.length && worstShare(leaner) >= Math.min(share, joiningShare)
  const unfairSinceMs = canBeFairer ? (before?.unfairSinceMs ?? nowMs) : undefined
  const wastefulSinceMs = canBeLeaner ? (before?.wastefulSinceMs ?? nowMs) : undefined
  const regroupedAtMs = before?.regroupedAtMs ?? -Infinity
  const review = { regroupedAtMs, unfairSinceMs, wastefulSinceMs }
  if (nowMs - regroupedAtMs < shortestRestMs) return { settled: groups, review }
  const fairDue = unfairSinceMs !== undefined && (share < poorShare || nowMs - unfairSinceMs >= unfairAfterMs)
  const leanDue = wastefulSinceMs !== undefined && nowMs - wastefulSinceMs >= wastefulAfterMs
  if (!fairDue && !leanDue) return { settled: groups, review }
  return {
    settled: regroup(groups, fairDue ? best : leaner),
    review: { regroupedAtMs: nowMs, unfairSinceMs: undefined, wastefulSinceMs: undefined },
  }
}

/** Seats everybody as the partition has it; each new group takes over the old one from which most of its members come. */
function regroup(groups: readonly PlannedGroup[], partition: readonly (readonly number[])[]): PlannedGroup[] {
  const home = new Map(groups.flatMap((group) => group.viewers.map((viewer) => [viewer.id, group.id])))
  const waiting = groups.flatMap((group) => group.viewers).toSorted((a, b) => b.bitrateBps - a.bitrateBps)
  const free = new Set(groups.map(({ id }) => id))
  let nextId = Math.max(...free) + 1
  return partition
    .map((rates) => waiting.splice(0, rates.length))
    .map((members): PlannedGroup => {
      const counts = Map.groupBy(members, ({ id }) => home.get(id) ?? 0)
      const id = [...counts].filter(([old]) => free.has(old)).toSorted((a, b) => b[1].length - a[1].length)[0]?.[0]
      if (id !== undefined) free.delete(id)
      return groupOf(id ?? nextId++, members)
    })
}

/** There is no group without members, and all of them are of one family. */
function groupOf(id: number, viewers: readonly PlannedViewer[]): PlannedGroup {
  const { codec = usualCodec, family = '' } = viewers[0] ?? {}
  return { id, codec, family, viewers, bitrateBps: Math.min(...viewers.map(({ bitrateBps }) => bitrateBps)) }
}

function ratesOf({ viewers }: PlannedGroup): number[] {
  return viewers.map(({ bitrateBps }) => bitrateBps)
}

function nearest(groups: readonly PlannedGroup[], bitrateBps: number): PlannedGroup | undefined {
  const distance = (group: PlannedGroup) => Math.abs(Math.log(group.bitrateBps / bitrateBps))
  return groups.toSorted((a, b) => distance(a) - distance(b))[0]
}

function earliestReview(reviews: Iterable<Review>): number | undefined {
  const times = [...reviews].flatMap(({ regroupedAtMs, unfairSinceMs, wastefulSinceMs }) => [
    ...(unfairSinceMs === undefined ? [] : [Math.max(unfairSinceMs + unfairAfterMs, regroupedAtMs + shortestRestMs)]),
    ...(wastefulSinceMs === undefined
      ? []
      : [Math.max(wastefulSinceMs + wastefulAfterMs, regroupedAtMs + shortestRestMs)]),
  ])
  return times.length > 0 ? Math.min(...times) : undefined
}
