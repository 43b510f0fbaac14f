import type { Clock, Timer } from '../../kernel/clock.ts'
import { Writable, type Readable, type Unsubscribe } from '../../kernel/readable.ts'
import type { NewPlayer, Player, PointerBatch } from '../../domain/player.ts'

/** Between two batches: as smooth as a film. */
const periodMs = 40
/** A position is told again for so long after the last motion: any one batch may be lost on its way. */
const repeatForMs = 200

interface Pointer {
  x: number
  y: number
  movedMs: number
}

/**
 * Where the players of a lobby point. Whoever follows gets batches, one object for all of them: at most 25 a second,
 * each with the latest positions, and none while nobody moves or nobody else is there to see it.
 */
export class Pointers {
  readonly #clock: Clock
  readonly #players = new Writable<readonly Player[]>([])
  readonly #pointers = new Map<number, Pointer>()
  readonly #listeners = new Set<(batch: PointerBatch) => void>()
  #sequence = 0
  #sentMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** In order of arrival. */
  get players(): Readable<readonly Player[]> {
    return this.#players
  }

  /** Gives a player the lowest pointer that is free; one who is here already keeps theirs. */
  enter({ sessionId, name, role }: NewPlayer): void {
    const others = this.#players.value.filter((player) => player.sessionId !== sessionId)
    const taken = new Set(others.map(({ pointer }) => pointer))
    let pointer = this.#players.value.find((player) => player.sessionId === sessionId)?.pointer ?? 0
    while (taken.has(pointer)) pointer++
    this.#players.set([...others, { sessionId, name, role, pointer }])
  }

  leave(sessionId: string): void {
    const left = this.#players.value.find((player) => player.sessionId === sessionId)
    if (!left) return
    this.#pointers.delete(left.pointer)
    this.#players.set(this.#players.value.filter((player) => player !== left))
  }

  /** Fractions of the picture; what is not finite is ignored. */
  move(sessionId: string, x: number, y: number): void {
    const player = this.#players.value.find((one) => one.sessionId === sessionId)
    if (!player || !Number.isFinite(x) || !Number.isFinite(y)) return
    this.#pointers.set(player.pointer, { x, y, movedMs: this.#clock.nowMs() })
    this.#tellSoon()
  }

  follow(listener: (batch: PointerBatch) => void): Unsubscribe {
    // A wrapper of its own, so that one function can follow twice and stop once.
    const entry = (batch: PointerBatch) => listener(batch)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#listeners.clear()
  }

  #tellSoon(): void {
    if (this.#timer || this.#listeners.size < 2) return
    const dueInMs = Math.max(0, this.#sentMs + periodMs - this.#clock.nowMs())
    this.#timer = this.#clock.after(dueInMs, () => this.#tell())
  }

  #tell(): void {
    this.#timer = undefined
    const nowMs = this.#clock.nowMs()
    const recent = [...this.#pointers].filter(([, { movedMs }]) => nowMs - movedMs <= repeatForMs)
    if (recent.length === 0) return
    const positions = recent.map(([player, { x, y }]) => ({ player, x, y }))
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#sentMs = nowMs
    const batch: PointerBatch = { sequence: this.#sequence, positions }
    for (const listener of this.#listeners) listener(batch)
    this.#tellSoon()
  }
}
