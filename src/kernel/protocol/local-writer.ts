import { call, type Deep, run } from './deep.ts'
import { endType, type LocalBranch, type LocalType } from './local-type.ts'
import type { NumberedPoint } from './points.ts'

interface Written {
  readonly local: LocalType
  /** The points that it begins again, each with the time it was open. */
  readonly free: ReadonlyMap<number, number>
}

/** Writes an automaton as a local type: a point that is come to again while it is open becomes a loop. */
export class LocalWriter {
  readonly #points: readonly NumberedPoint[]
  /** Names for the loop at each point, the first that is free to be taken. */
  readonly #names: readonly (readonly string[])[]
  readonly #open = new Map<number, { name: string | undefined; readonly opening: number }>()
  readonly #taken = new Set<string>()
  readonly #written = new Map<number, Written>()
  #openings = 0

  constructor(points: readonly NumberedPoint[], names: readonly (readonly string[])[]) {
    this.#points = points
    this.#names = names
  }

  write(): LocalType {
    return run(this.#at(0)).local
  }

  *#at(point: number): Deep<Written> {
    const open = this.#open.get(point)
    if (open) {
      // A loop takes its name when it is first begun again.
      open.name ??= this.#nameFor(point)
      this.#taken.add(open.name)
      return { local: { kind: 'var', name: open.name }, free: new Map([[point, open.opening]]) }
    }
    const known = this.#written.get(point)
    // What was written inside a loop is right again only in that same loop.
    if (known && [...known.free].every(([loop, opening]) => this.#open.get(loop)?.opening === opening)) return known
    const written = yield* this.#loop(point)
    this.#written.set(point, written)
    return written
  }

  *#loop(point: number): Deep<Written> {
    const { kind, peer, ways } = this.#points[point] as NumberedPoint
    if (kind === 'end') return { local: endType, free: new Map() }
    const open: { name: string | undefined; readonly opening: number } = { name: undefined, opening: ++this.#openings }
    this.#open.set(point, open)
    const branches: LocalBranch[] = []
    const free = new Map<number, number>()
    for (const { to, ...way } of ways) {
      const next = yield* call(this.#at(to))
      branches.push({ ...way, next: next.local })
      for (const [loop, when] of next.free) free.set(loop, when)
    }
    this.#open.delete(point)
    const action: LocalType = kind === 'send' ? { kind, to: peer, branches } : { kind, from: peer, branches }
    if (open.name === undefined) return { local: action, free }
    this.#taken.delete(open.name)
    free.delete(point)
    return { local: { kind: 'mu', name: open.name, body: action }, free }
  }

  #nameFor(point: number): string {
    const name = this.#names[point]?.find((each) => !this.#taken.has(each))
    if (name !== undefined) return name
    let made = `loop ${point}`
    while (this.#taken.has(made)) made += "'"
    return made
  }
}
