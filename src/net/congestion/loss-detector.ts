/** Shares of lost packets (draft-ietf-rmcat-gcc-02, section 6). */
const someAbove = 0.02
const heavyAbove = 0.1
/** A share is taken over at least so many packets and this long. */
const minPackets = 20
const minSpanUs = 200_000
/** Weight of a new share in the smoothed one. */
const weight = 0.3

/** What the loss says: next to none; some, as on radio; so much that less must be sent. */
export type LossVerdict = 'free' | 'some' | 'heavy'

/** The loss-based part of the control: counts what became of packets that were sent at the present rate. */
export class LossDetector {
  #received = 0
  #lost = 0
  #sinceUs: number | undefined
  #share = 0
  #smoothed = 0
  #isNew = false

  /** The share lost of late, 0 to 1, smoothed. */
  get lossRatio(): number {
    return this.#smoothed
  }

  /** The share of the last span, not smoothed. */
  get share(): number {
    return this.#share
  }

  onReceived(): void {
    this.#received++
  }

  onLost(): void {
    this.#lost++
  }

  /** A packet that was taken for lost came after all. */
  onLate(): void {
    if (this.#lost > 0) this.#lost--
    this.#received++
  }

  /** What the counts and reports since the last call say, once they are enough to say something new. */
  judge(nowUs: number): LossVerdict {
    this.#sinceUs ??= nowUs
    const packets = this.#received + this.#lost
    if (packets >= minPackets && nowUs - this.#sinceUs >= minSpanUs) this.report(this.#lost / packets)
    const isNew = this.#isNew
    this.#isNew = false
    // One bad span can be chance; one that is very bad lifts the smoothed share too.
    if (isNew && Math.min(this.#share, this.#smoothed) > heavyAbove) return 'heavy'
    return this.#smoothed < someAbove ? 'free' : 'some'
  }

  /** Takes a share that the receiver has counted. */
  report(share: number): void {
    this.#share = share
    this.#smoothed += weight * (share - this.#smoothed)
    this.#isNew = true
    this.restart()
  }

  /** Forgets what was counted: it was sent at another rate. */
  restart(): void {
    this.#received = 0
    this.#lost = 0
    this.#sinceUs = undefined
  }
}
