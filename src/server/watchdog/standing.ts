/**
 * For how long a thread has given no sign of life. Time is counted in ticks of the one who looks: while the machine sleeps
 * or the whole process is stopped neither of them runs, and whatever the clocks say afterwards, no more than one tick has
 * passed.
 */
export class Standing {
  readonly #limitTicks: number
  #count: number | undefined
  #ticks = 0

  constructor(limitTicks: number) {
    this.#limitTicks = limitTicks
  }

  /** Looks at the number of beats so far. While somebody holds the thread on purpose, it does not stand. */
  tick(count: number, isHeld: boolean): 'lives' | 'stands' | 'too-long' {
    const isAlive = count !== this.#count || isHeld
    this.#count = count
    this.#ticks = isAlive ? 0 : this.#ticks + 1
    if (this.#ticks === 0) return 'lives'
    return this.#ticks < this.#limitTicks ? 'stands' : 'too-long'
  }
}
