import { systemClock, type Clock, type Timer } from '../kernel/clock.ts'

/** Whose work it is. */
export type Queue = 'owner' | 'members' | 'strangers'

/** Where somebody's work waits: a queue, and their own flow in it. */
export interface Place {
  readonly queue: Queue
  readonly flow: string
}

export interface QueueLimits {
  /** Of the time of the event loop, from 0 to 1. */
  readonly share: number
  /** What waits in one flow, and in all flows together; more is turned away. */
  readonly perFlow: number
  readonly inAll: number
}

/**
 * Strangers get what loads a page in no time and leaves media theirs; members that and as much again. The owner is held up by
 * nobody else. Each connection has one piece of work at a time, so that what may wait follows from what may be connected.
 */
export const defaultQueues: Readonly<Record<Queue, QueueLimits>> = {
  owner: { share: 1, perFlow: 1024, inAll: 1024 },
  members: { share: 0.5, perFlow: 128, inAll: 1024 },
  strangers: { share: 0.25, perFlow: 64, inAll: 256 },
}

/** Time that a queue saves up while it has nothing to do. */
const maxSavedMs = 20

/** Those that go first come first. */
const order: readonly Queue[] = ['owner', 'members', 'strangers']

interface QueueState {
  readonly limits: QueueLimits
  /** In the order of their turns. */
  readonly flows: Map<string, Set<() => void>>
  waiting: number
  /** What it may still use; below zero it waits. */
  savedMs: number
  savedAtMs: number
}

/**
 * Where work that others ask for waits for its turn: what a request costs to read and to answer at once, a handshake. One
 * piece goes in each turn of the event loop, so that packets and timers of media come in between; each queue keeps to its
 * share of the time; within a queue the flows (an address, a member) take turns, however much each brings.
 */
export class Turnstile {
  readonly #queues: ReadonlyMap<Queue, QueueState>
  readonly #clock: Clock
  readonly #soon: (call: () => void) => void
  #isTurning = false
  #resting: Timer | undefined

  constructor(
    options: {
      queues?: Readonly<Record<Queue, QueueLimits>>
      clock?: Clock
      /** Calls in the next turn of the event loop, in the order of asking; `setImmediate` when left out. */
      soon?: (call: () => void) => void
    } = {},
  ) {
    const { queues = defaultQueues, clock = systemClock, soon = setImmediate } = options
    this.#clock = clock
    this.#soon = soon
    const savedAtMs = clock.nowMs()
    this.#queues = new Map(
      order.map((queue) => [
        queue,
        { limits: queues[queue], flows: new Map(), waiting: 0, savedMs: maxSavedMs, savedAtMs },
      ]),
    )
  }

  /** Pieces of work that wait now. */
  get waiting(): number {
    return this.#queues.values().reduce((sum, { waiting }) => sum + waiting, 0)
  }

  /** Nobody would have to wait in this queue. */
  isFree(queue: Queue): boolean {
    const state = this.#state(queue)
    return state.waiting === 0 && this.#credit(state) > 0
  }

  /** Puts work in line. What takes it out again; undefined when there is no room, and it will not be done. */
  enter(queue: Queue, flow: string, work: () => void): (() => void) | undefined {
    const state = this.#state(queue)
    const own = state.flows.get(flow) ?? new Set()
    if (own.size >= state.limits.perFlow || state.waiting >= state.limits.inAll) return undefined
    const piece = () => work()
    own.add(piece)
    state.flows.set(flow, own)
    state.waiting++
    this.#turn()
    return () => this.#take(state, flow, piece)
  }

  #state(queue: Queue): QueueState {
    return this.#queues.get(queue) as QueueState
  }

  #take(state: QueueState, flow: string, piece: () => void): void {
    const own = state.flows.get(flow)
    if (!own?.delete(piece)) return
    state.waiting--
    state.flows.delete(flow)
    // Behind the others, where it has more.
    if (own.size > 0) state.flows.set(flow, own)
  }

  #credit(state: QueueState): number {
    const nowMs = this.#clock.nowMs()
    const { share } = state.limits
    state.savedMs = Math.min(maxSavedMs, state.savedMs + (nowMs - state.savedAtMs) * share)
    state.savedAtMs = nowMs
    return state.savedMs
  }

  #turn(): void {
    if (this.#isTurning || this.waiting === 0) return
    const state = this.#queues.values().find((each) => each.waiting > 0 && this.#credit(each) > 0)
    if (!state) return this.#rest()
    this.#isTurning = true
    let beganMs = 0
    this.#soon(() => {
      beganMs = this.#clock.nowMs()
      this.#work(state)
    })
    // In the same turn and right behind, with all that the work did without waiting for anything.
    this.#soon(() => {
      this.#credit(state)
      state.savedMs -= this.#clock.nowMs() - beganMs
      this.#isTurning = false
      this.#turn()
    })
  }

  #work(state: QueueState): void {
    const [first] = state.flows
    const [piece] = first?.[1] ?? []
    if (!first || !piece) return
    this.#take(state, first[0], piece)
    piece()
  }

  /** Until a queue where something waits may go on. */
  #rest(): void {
    const waits = [...this.#queues.values()].filter(({ waiting }) => waiting > 0)
    const restMs = Math.min(...waits.map(({ savedMs, limits }) => -savedMs / limits.share))
    this.#resting?.cancel()
    this.#resting = this.#clock.after(Math.ceil(restMs) + 1, () => {
      this.#resting = undefined
      this.#turn()
    })
  }
}
