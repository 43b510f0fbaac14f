import { sameSize, type Size } from '../../domain/size.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import type { FlowingVideo, FlowName } from '../../media/link/unit-link.ts'

/** A rendition as this process knows it, of whatever media process. */
export interface FlowAddress extends FlowName {
  readonly media: number
}

/** Which pictures a viewer is to get, as the server says. */
export interface Route extends FlowAddress {
  /** From this one on, a key picture. */
  readonly from: number
  /** Pictures of another size wait for another word: only the server knows whose decoder takes them. */
  readonly size: Size
}

/** What is kept of a flow until the server has said who gets it: so many pictures, and bytes, since the last key picture. */
const mostKept = 64
const mostKeptBytes = 4 * 1024 * 1024

interface Flow {
  readonly address: FlowAddress
  readonly viewers: Map<number, RoutedViewer>
  /** Of its last picture. */
  number: number | undefined
  /** From a key picture on, in order; empty once it would be too much. */
  kept: { readonly number: number; readonly unit: AccessUnit }[]
  keptBytes: number
  /** A picture is missing; nothing is handed on before the next key picture. */
  isBroken: boolean
}

interface RoutedViewer {
  readonly route: Route
  /** It has had a key picture of this size, and all since. */
  isFlowing: boolean
}

export interface UnitFlowsEvents {
  video(viewer: number, unit: AccessUnit): void
  /** The picture that a viewer was to begin with is gone: only another key picture helps. */
  missed(viewer: number): void
}

/**
 * Pictures on their way from media processes to viewers. Who gets which is the server's to say; what it says comes by another way than
 * the pictures, so that it may come before them or after them. What stands flows without it.
 */
export class UnitFlows {
  readonly #events: UnitFlowsEvents
  readonly #flows = new Map<string, Flow>()
  readonly #of = new Map<number, Flow>()

  constructor(events: UnitFlowsEvents) {
    this.#events = events
  }

  video(media: number, { source, rendition, number, unit }: FlowingVideo): void {
    const flow = this.#open({ media, source, rendition })
    if (unit.key) {
      flow.kept = [{ number, unit }]
      flow.keptBytes = unit.data.length
      flow.isBroken = false
    } else if (flow.isBroken || number !== (flow.number ?? number) + 1) {
      this.#break(flow)
      flow.number = number
      return
    } else {
      keep(flow, number, unit)
    }
    flow.number = number
    for (const [viewer, routed] of flow.viewers) this.#give(viewer, routed, number, unit)
  }

  /** Nothing more comes of it. */
  over(address: FlowAddress): void {
    const flow = this.#flows.get(keyOf(address))
    if (flow) this.#end(flow)
  }

  /** A media process has gone, or its way. */
  lost(media: number): void {
    for (const flow of this.#flows.values()) if (flow.address.media === media) this.#end(flow)
  }

  /** A viewer gets these pictures from now on, and no others. */
  route(viewer: number, route: Route): void {
    const before = this.#of.get(viewer)?.viewers.get(viewer)
    if (before?.isFlowing && isSameFlow(before.route, route) && sameSize(before.route.size, route.size)) return
    this.halt(viewer)
    const flow = this.#open(route)
    const routed: RoutedViewer = { route, isFlowing: false }
    flow.viewers.set(viewer, routed)
    this.#of.set(viewer, flow)
    for (const { number, unit } of flow.kept) this.#give(viewer, routed, number, unit)
    if (!routed.isFlowing && flow.number !== undefined && flow.number >= route.from) this.#events.missed(viewer)
  }

  /** A viewer gets no pictures any more. */
  halt(viewer: number): void {
    const flow = this.#of.get(viewer)
    if (!flow) return
    this.#of.delete(viewer)
    flow.viewers.delete(viewer)
    // Nothing has come of it: nobody would tell of its end.
    if (flow.number === undefined && flow.viewers.size === 0) this.#flows.delete(keyOf(flow.address))
  }

  #give(viewer: number, routed: RoutedViewer, number: number, unit: AccessUnit): void {
    if (number < routed.route.from) return
    if (!sameSize(routed.route.size, unit)) routed.isFlowing = false
    else if (unit.key) routed.isFlowing = true
    if (routed.isFlowing) this.#events.video(viewer, unit)
  }

  #open({ media, source, rendition }: FlowAddress): Flow {
    const address = { media, source, rendition }
    const key = keyOf(address)
    let flow = this.#flows.get(key)
    if (!flow) {
      flow = { address, viewers: new Map(), number: undefined, kept: [], keptBytes: 0, isBroken: false }
      this.#flows.set(key, flow)
    }
    return flow
  }

  /** Who is to begin with a picture that has not come waits for it: what the server says may overtake the end of what was before. */
  #end(flow: Flow): void {
    const { number = -1 } = flow
    for (const [viewer, { route }] of flow.viewers) {
      if (route.from > number) continue
      flow.viewers.delete(viewer)
      this.#of.delete(viewer)
    }
    flow.number = undefined
    flow.kept = []
    if (flow.viewers.size === 0) this.#flows.delete(keyOf(flow.address))
  }

  #break(flow: Flow): void {
    flow.isBroken = true
    flow.kept = []
    for (const routed of flow.viewers.values()) routed.isFlowing = false
  }
}

function keep(flow: Flow, number: number, unit: AccessUnit): void {
  if (flow.kept.length === 0) return
  flow.keptBytes += unit.data.length
  if (flow.kept.length < mostKept && flow.keptBytes <= mostKeptBytes) flow.kept.push({ number, unit })
  else flow.kept = []
}

function isSameFlow(one: FlowAddress, other: FlowAddress): boolean {
  return one.media === other.media && one.source === other.source && one.rendition === other.rendition
}

function keyOf({ media, source, rendition }: FlowAddress): string {
  return `${media} ${source} ${rendition}`
}
