/** Up only by so much, and not before the new rate has stood for a while: opening anew costs a key picture. */
const riseFactor = 1.4
const riseAfterUs = 4_000_000

/** Down sooner: too much for the path is worse than too little. */
const fallFactor = 0.85
const fallAfterUs = 1_000_000

/** A fall as deep as this is followed at once. */
const deepFallFactor = 0.6

/** When an encoder that cannot change its bitrate is worth opening anew with another one. */
export class Reopening {
  #openedBps = 0
  #wantedBps = 0
  #sinceUs = 0

  opened(bitrateBps: number): void {
    this.#openedBps = bitrateBps
    this.#wantedBps = bitrateBps
  }

  /** True when the encoder should be opened anew for this bitrate, at this time in microseconds. */
  due(bitrateBps: number, nowUs: number): boolean {
    const direction = this.#directionOf(bitrateBps)
    if (direction !== this.#directionOf(this.#wantedBps)) this.#sinceUs = nowUs
    this.#wantedBps = bitrateBps
    if (direction === 'fall') {
      return bitrateBps < this.#openedBps * deepFallFactor || nowUs - this.#sinceUs >= fallAfterUs
    }
    return direction === 'rise' && nowUs - this.#sinceUs >= riseAfterUs
  }

  #directionOf(bitrateBps: number): 'rise' | 'fall' | 'stay' {
    if (bitrateBps > this.#openedBps * riseFactor) return 'rise'
    return bitrateBps < this.#openedBps * fallFactor ? 'fall' : 'stay'
  }
}
