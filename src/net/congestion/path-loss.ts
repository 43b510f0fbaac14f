/** A queue this long may overflow: what is lost then is what was too much, and more of it helps nobody. */
const queuedAboveMs = 25
/** One that stands for longer than its own sender needs to empty it is somebody else's, and its losses go on. */
const longestOwnUs = 2_000_000
/** A share is taken over at least so many packets and this long, and weighs so much in the smoothed one. */
const minPackets = 20
const minSpanUs = 200_000
const weight = 0.3

/** What the path loses by itself: the share lost while no queue stood in it, which repair has to make up for. Pure. */
export class PathLoss {
  #ratio = 0
  #received = 0
  #lost = 0
  #sinceUs: number | undefined
  #queuedSinceUs: number | undefined
  /** How long a queue has stood, by the last look. */
  #queuedUs = 0

  /** 0 to 1, smoothed. */
  get ratio(): number {
    return this.#ratio
  }

  /** One packet came, or did not, `queueMs` being how long those around it have waited. */
  add(isLost: boolean, queueMs: number): void {
    if (this.isOfQueue(queueMs)) return
    if (isLost) this.#lost++
    else this.#received++
  }

  /** One that was taken for lost came after all. */
  onLate(): void {
    if (this.#lost > 0) this.#lost--
    this.#received++
  }

  /** Time passes; `queueMs` as the last packets tell. */
  look(queueMs: number, nowUs: number): void {
    this.#queuedSinceUs = queueMs > queuedAboveMs ? (this.#queuedSinceUs ?? nowUs) : undefined
    this.#queuedUs = this.#queuedSinceUs === undefined ? 0 : nowUs - this.#queuedSinceUs
    this.#sinceUs ??= nowUs
    const packets = this.#received + this.#lost
    if (packets < minPackets || nowUs - this.#sinceUs < minSpanUs) return
    this.#ratio += weight * (this.#lost / packets - this.#ratio)
    this.#received = 0
    this.#lost = 0
    this.#sinceUs = nowUs
  }

  /** Whether what is lost with so much waiting is lost in a queue of the sender's own making. */
  isOfQueue(queueMs: number): boolean {
    return queueMs > queuedAboveMs && this.#queuedUs < longestOwnUs
  }
}
