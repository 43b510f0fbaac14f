/** Sound is played this long after it came, to begin with: about what a path's jitter is. */
const startDelayMs = 40
const maxDelayMs = 250
/** A delay that was too short is this much longer from then on. */
const growth = 1.5
/** What was always there too early by more than this is played earlier, looked at over so much sound. */
const excessMs = 30
const reviewMs = 3000
/** How fast the wish to keep lips and voice together follows what is measured. */
const smoothing = 1 / 32

/**
 * When each sample is to be played: the jitter buffer of sound that comes with its place on the host's time line. What is
 * not sent leaves silence of the right length, and what comes too late makes the delay longer.
 */
export class SoundSchedule {
  readonly #samplesPerMs: number
  #delayMs = startDelayMs
  /** The least that is wanted, so that sound is not heard before its picture is seen. */
  #leastMs = 0
  /** Frame of the output minus place on the time line. */
  #offset: number | undefined
  #leadMs = 0
  #leastLead = Infinity
  #reviewFrame = 0

  constructor(sampleRate: number) {
    this.#samplesPerMs = sampleRate / 1000
  }

  /** What sound waits for its turn now, at the least. */
  get delayMs(): number {
    return Math.max(this.#delayMs, this.#leastMs)
  }

  /** The output's frame that sound from this place on belongs to; `nowFrame` is the next one to be heard. */
  place(positionSamples: number, nowFrame: number): number {
    const wanted = nowFrame + this.delayMs * this.#samplesPerMs - positionSamples
    this.#offset ??= wanted
    const lead = positionSamples + this.#offset - nowFrame
    if (lead < 0) {
      this.#delayMs = Math.min(maxDelayMs, this.#delayMs * growth)
      this.#begin(nowFrame + this.delayMs * this.#samplesPerMs - positionSamples, nowFrame)
    } else if (lead > 2 * maxDelayMs * this.#samplesPerMs) {
      // Another time line, or a clock that jumped.
      this.#begin(wanted, nowFrame)
    } else {
      this.#review(lead, nowFrame)
    }
    const atFrame = Math.round(positionSamples + this.#offset)
    this.#leadMs = (atFrame - nowFrame) / this.#samplesPerMs
    return atFrame
  }

  /** The sound that was placed last is heard so much before (negative: behind) the picture of the same moment. */
  onAhead(aheadMs: number): void {
    const wantedMs = Math.min(maxDelayMs, Math.max(0, this.#leadMs + aheadMs))
    this.#leastMs += (wantedMs - this.#leastMs) * smoothing
  }

  /** What is never needed is not waited for. */
  #review(lead: number, nowFrame: number): void {
    this.#leastLead = Math.min(this.#leastLead, lead)
    if (nowFrame < this.#reviewFrame) return
    const wanted = Math.max(this.#leastMs, startDelayMs / 2) * this.#samplesPerMs
    const excess = this.#leastLead - wanted
    if (excess > excessMs * this.#samplesPerMs) {
      this.#delayMs = Math.max(startDelayMs / 2, this.#delayMs / growth)
      this.#begin((this.#offset as number) - excess / 2, nowFrame)
    } else if (excess < 0 && this.#leastMs > this.#delayMs) {
      this.#begin((this.#offset as number) - excess, nowFrame)
    } else {
      this.#begin(this.#offset as number, nowFrame)
    }
  }

  #begin(offset: number, nowFrame: number): void {
    this.#offset = offset
    this.#leastLead = Infinity
    this.#reviewFrame = nowFrame + reviewMs * this.#samplesPerMs
  }
}
