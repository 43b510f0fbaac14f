import type { GlobalBranch, GlobalType } from './global-type.ts'

/** A message between two roles, or the end: where a conversation can be when all loops in front are opened. */
export type Position = (GlobalType & { readonly kind: 'interaction' }) | (GlobalType & { readonly kind: 'end' })

/** The positions of a conversation, with all names resolved. */
export class Positions {
  readonly #loops = new Map<GlobalType, GlobalType & { readonly kind: 'mu' }>()
  readonly #numbers = new Map<Position, number>()

  constructor(global: GlobalType) {
    const seen = new Set<GlobalType>()
    const waiting: [GlobalType, ReadonlyMap<string, GlobalType & { kind: 'mu' }>][] = [[global, new Map()]]
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [type, loops] = next
      if (seen.has(type)) continue
      seen.add(type)
      const loop = type.kind === 'var' ? loops.get(type.name) : undefined
      if (loop) this.#loops.set(type, loop)
      if (type.kind === 'mu') waiting.push([type.body, new Map(loops).set(type.name, type)])
      if (type.kind === 'interaction') for (const branch of type.branches) waiting.push([branch.next, loops])
    }
  }

  /** The position that a type is at; `pass` hears of each loop on the way. */
  of(type: GlobalType, pass?: (loop: string) => void): Position {
    let at = type
    while (at.kind === 'mu' || at.kind === 'var') {
      if (at.kind === 'mu') pass?.(at.name)
      const next = at.kind === 'mu' ? at.body : this.#loops.get(at)
      if (!next) return { kind: 'end' }
      at = next
    }
    return at
  }

  /** Equal numbers for equal positions; all ends are one. */
  numberOf(position: Position): number {
    if (position.kind === 'end') return -1
    const number = this.#numbers.get(position) ?? this.#numbers.size
    this.#numbers.set(position, number)
    return number
  }
}

/** How a view came to hold a position: by a message of its own role, by one of others, or as the start. */
export interface Origin {
  readonly branch?: GlobalBranch
  readonly from?: Position
  /** The view that the message led from, when it was the role's own. */
  readonly before?: RoleView
}

/** All positions that a conversation may be at, as far as one role can tell, until that role acts. */
export class RoleView {
  readonly origins = new Map<Position, Origin>()
  /** Loops that begin here, outer ones first. */
  readonly loops: string[] = []
  /** The positions at which the role acts, and the end. */
  readonly cores: Position[] = []
  /** A position from which the others can come back to it without the role. */
  readonly cycle: Position | undefined
  readonly #positions: Positions
  readonly #role: string

  constructor(positions: Positions, role: string, entries: readonly (readonly [GlobalType, Origin])[]) {
    this.#positions = positions
    this.#role = role
    for (const [type, origin] of entries.toReversed()) this.#waiting.push([type, origin])
    for (let next = this.#waiting.pop(); next; next = this.#waiting.pop()) this.#visit(...next)
    const before = this.#before()
    this.#addIdleEnd(before)
    this.cycle = this.cores.some((core) => core.kind === 'interaction' && core.from === role)
      ? this.#findCycle(before)
      : undefined
  }

  readonly #waiting: [GlobalType, Origin][] = []

  /** Names the view: equal where the role can do the same from there on. */
  get key(): string {
    return this.cores
      .map((core) => this.#positions.numberOf(core))
      .toSorted((a, b) => a - b)
      .join(' ')
  }

  /** The messages from the start to a position of this view. */
  run(position: Position): string[] {
    return originsOf(this, position).flatMap(({ branch, from }) =>
      branch && from?.kind === 'interaction' ? [`${from.from}->${from.to}:${branch.label}`] : [],
    )
  }

  #way(position: Position): Position[] {
    return [...originsOf(this, position).flatMap(({ from }) => (from ? [from] : [])), position]
  }

  /** The position at which the runs to two positions of this view part. */
  parting(left: Position, right: Position): Position {
    const lefts = this.#way(left)
    const rights = this.#way(right)
    let parting = lefts[0] ?? left
    for (const [index, at] of lefts.entries()) {
      if (rights[index] !== at) break
      parting = at
    }
    return parting
  }

  /** The messages of a way from a position of others back to it. */
  roundTrip(position: Position): string[] {
    const seen = new Map<Position, string[]>([[position, []]])
    for (const [at, messages] of seen) {
      for (const [next, message] of this.#steps(at)) {
        if (next === position) return [...messages, message]
        if (!seen.has(next)) seen.set(next, [...messages, message])
      }
    }
    return []
  }

  #visit(type: GlobalType, origin: Origin): void {
    const position = this.#positions.of(type, (loop) => {
      if (!this.loops.includes(loop)) this.loops.push(loop)
    })
    if (this.origins.has(position)) return
    this.origins.set(position, origin)
    if (position.kind === 'end' || position.from === this.#role || position.to === this.#role) {
      if (position.kind !== 'end' || !this.cores.some(({ kind }) => kind === 'end')) this.cores.push(position)
      return
    }
    for (const branch of position.branches.toReversed()) this.#waiting.push([branch.next, { branch, from: position }])
  }

  #steps(position: Position): [Position, string][] {
    if (position.kind === 'end' || position.from === this.#role || position.to === this.#role) return []
    const { from, to } = position
    return position.branches.map(({ label, next }) => [this.#positions.of(next), `${from}->${to}:${label}`])
  }

  /** From which positions of others each position is come to. */
  #before(): Map<Position, Position[]> {
    const before = new Map<Position, Position[]>()
    for (const position of this.origins.keys()) {
      for (const [next] of this.#steps(position)) {
        const list = before.get(next) ?? []
        list.push(position)
        before.set(next, list)
      }
    }
    return before
  }

  /** Where the others go on for ever without the role, it is at its end. */
  #addIdleEnd(before: ReadonlyMap<Position, readonly Position[]>): void {
    const live = new Set(this.cores)
    // A set grows while it is gone through.
    for (const position of live) for (const previous of before.get(position) ?? []) live.add(previous)
    const idle = this.origins.keys().find((position) => !live.has(position))
    if (!idle || this.cores.some(({ kind }) => kind === 'end')) return
    const end: Position = { kind: 'end' }
    this.origins.set(end, { from: idle })
    this.cores.push(end)
  }

  /** Takes away what leads only out, until nothing or a cycle is left. */
  #findCycle(before: ReadonlyMap<Position, readonly Position[]>): Position | undefined {
    const out = new Map([...this.origins.keys()].map((position) => [position, this.#steps(position).length]))
    const done = [...out].flatMap(([position, count]) => (count === 0 ? [position] : []))
    for (let next = done.pop(); next; next = done.pop()) {
      out.delete(next)
      for (const position of before.get(next) ?? []) {
        const left = (out.get(position) ?? 0) - 1
        out.set(position, left)
        if (left === 0) done.push(position)
      }
    }
    // What is left leads to a cycle; going on far enough ends in one.
    let [at] = out.keys()
    for (let steps = out.size; at && steps > 0; steps--) {
      at = this.#steps(at).find(([next]) => out.has(next))?.[0]
    }
    return at
  }
}

/** How a view came to a position, step by step from the start. */
function originsOf(view: RoleView, position: Position): Origin[] {
  const origins: Origin[] = []
  let within = view
  for (let at: Position | undefined = position; at;) {
    const origin: Origin = within.origins.get(at) ?? {}
    origins.push(origin)
    within = origin.before ?? within
    at = origin.from
  }
  return origins.toReversed()
}
