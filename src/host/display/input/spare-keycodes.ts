/** Gives keycodes a meaning on the server: `symbols[i]` to `first + i`. */
export type Bind = (first: number, symbols: readonly number[]) => void

/**
 * How long after it was given a meaning a keycode may be used, in milliseconds. Most apps read the keyboard again before
 * they look at what comes after the change, but not all: Chromium does it beside.
 */
export const announceMs = 50

interface Spare {
  readonly keycode: number
  /** What it means now, 0 for nothing. */
  symbol: number
  usableFromMs: number
  /** Keys that are down on it. */
  held: number
  /** Which use of any spare keycode was the last one of this. */
  lastUse: number
  /** Undefined while the server may not yet have seen that last use. */
  quietSinceMs: number | undefined
}

/**
 * How long a keycode keeps its meaning after its last use, in milliseconds. An app looks a key up when it gets to
 * it, not when it was pressed: what changes its meaning sooner changes what has been typed.
 */
export const settleMs = 250

/** Fewer keycodes in a row than this are left alone. */
const shortestRun = 8

/**
 * Keycodes that lend themselves to keysyms that no key of the layout has. A keycode is given another meaning only when
 * nothing is down on it and every app has had time to see its last use; the one used longest ago goes first.
 */
export class SpareKeycodes {
  readonly #spares: readonly Spare[]
  readonly #bind: Bind
  #uses = 0
  #changes = 0

  constructor(keycodes: readonly number[], bind: Bind) {
    this.#spares = longRuns(keycodes).map((keycode) => ({
      keycode,
      symbol: 0,
      usableFromMs: 0,
      held: 0,
      lastUse: 0,
      quietSinceMs: -Infinity,
    }))
    this.#bind = bind
  }

  /** The keycodes it lends, in rising order. */
  get keycodes(): readonly number[] {
    return this.#spares.map((spare) => spare.keycode)
  }

  /** How often any of them has been given another meaning. */
  get changes(): number {
    return this.#changes
  }

  /** What one of them means now, 0 for nothing. */
  symbolOf(keycode: number): number {
    return this.#of(keycode)?.symbol ?? 0
  }

  /** The keycode that means this and can be used now, if there is one. */
  find(symbol: number, nowMs: number): number | undefined {
    return this.#spares.find((spare) => spare.symbol === symbol && spare.usableFromMs <= nowMs)?.keycode
  }

  /**
   * Gives each of these keysyms a keycode, as far as there are any free, all in as few requests as can be: apps read
   * the whole keyboard anew after each.
   */
  lend(symbols: Iterable<number>, nowMs: number): void {
    const missing = [...new Set(symbols)].filter((symbol) => !this.#spares.some((spare) => spare.symbol === symbol))
    const free = this.#spares
      .filter((spare) => spare.held === 0 && spare.quietSinceMs !== undefined && spare.quietSinceMs + settleMs <= nowMs)
      // Sorting is stable: among equals, those that are neighbours stay so.
      .toSorted((a, b) => (a.quietSinceMs ?? 0) - (b.quietSinceMs ?? 0))
      .slice(0, missing.length)
    free.forEach((spare, index) => {
      spare.symbol = missing[index] ?? 0
      spare.quietSinceMs = nowMs
      spare.usableFromMs = nowMs + announceMs
    })
    this.#bindAll(free)
  }

  /** Takes all meaning from all of them. */
  clear(): void {
    for (const spare of this.#spares) spare.symbol = 0
    this.#bindAll(this.#spares)
  }

  /** A key was pressed on this keycode. */
  pressed(keycode: number): void {
    const spare = this.#of(keycode)
    if (spare) spare.held++
  }

  /** It was released. */
  released(keycode: number): void {
    const spare = this.#of(keycode)
    if (!spare) return
    spare.held = Math.max(0, spare.held - 1)
    spare.lastUse = ++this.#uses
    spare.quietSinceMs = undefined
  }

  /** How many uses there have been; {@link settled} wants the count from before a round trip. */
  get uses(): number {
    return this.#uses
  }

  /** The server has seen the first so many uses. */
  settled(uses: number, nowMs: number): void {
    for (const spare of this.#spares) {
      if (spare.quietSinceMs === undefined && spare.lastUse <= uses) spare.quietSinceMs = nowMs
    }
  }

  /** True when something was used that the server may not have seen yet. */
  get unsettled(): boolean {
    return this.#spares.some((spare) => spare.quietSinceMs === undefined)
  }

  #bindAll(spares: readonly Spare[]): void {
    this.#changes += spares.length
    for (const run of runsOf(
      spares.toSorted((a, b) => a.keycode - b.keycode),
      (spare) => spare.keycode,
    )) {
      this.#bind(
        run[0].keycode,
        run.map((spare) => spare.symbol),
      )
    }
  }

  #of(keycode: number): Spare | undefined {
    return this.#spares.find((spare) => spare.keycode === keycode)
  }
}

/** Those keycodes that stand in long rows, so that many can be given a meaning by few requests. */
function longRuns(keycodes: readonly number[]): readonly number[] {
  return runsOf(keycodes, (keycode) => keycode)
    .filter((run) => run.length >= shortestRun)
    .flat()
}

/** Splits what is in rising order where there is a gap. */
function runsOf<T>(items: readonly T[], keycodeOf: (item: T) => number): readonly [T, ...T[]][] {
  const runs: [T, ...T[]][] = []
  let next: number | undefined
  for (const item of items) {
    const keycode = keycodeOf(item)
    if (keycode === next) runs.at(-1)?.push(item)
    else runs.push([item])
    next = keycode + 1
  }
  return runs
}
