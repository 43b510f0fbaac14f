/** Shares of lost packets (draft-ietf-rmcat-gcc-02, section 6). */
const someAbove = 0.02
const heavyAbove = 0.1
/** A share is taken over at least so many packets and this long. */
const minPackets = 20
const minSpanUs = 200_000
/** Weight of a new share in the smoothed one. */
const weight = 0.3
/** A decrease has helped when less than this of the losses before it is left; so many in a row that have not were in vain. */
const helpedShare = 0.7
const maxVainDecreases = 2
/** Beyond the path's own losses, more count from here on; they are forgotten when less than this of them is left. */
const beyondOwn = 0.06
/** A path that loses more is none: pictures would be lost in spite of all parity, and a queue that holds next to nothing looks like that. */
const mostOwnShare = 0.25
const forgottenShare = 0.5

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
  /** What is lost however little is sent, 0 while that has not shown. */
  #ownShare = 0
  /** The smoothed share at the last decrease, and the rate before the first of those that have not helped. */
  #loweredAtShare = Infinity
  #fromBps = 0
  #vainDecreases = 0

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
    if (isNew && Math.min(this.#share, this.#smoothed) > this.#heavyAbove) return 'heavy'
    return this.#smoothed < someAbove + this.#ownShare ? 'free' : 'some'
  }

  /**
   * Less than `fromBps` is sent from now on, because so much was lost with no queue in the path. The rate to go back to when that does not help, now and the last times:
   * what is lost is the path's own, as on a bad radio, and only more than that says that less must be sent.
   */
  onLowered(fromBps: number): number | undefined {
    const isVain = this.#smoothed > helpedShare * this.#loweredAtShare
    this.#loweredAtShare = this.#smoothed
    this.#vainDecreases = isVain ? this.#vainDecreases + 1 : 0
    if (!isVain) this.#fromBps = fromBps
    if (this.#vainDecreases < maxVainDecreases || this.#smoothed > mostOwnShare) return undefined
    this.#vainDecreases = 0
    this.#ownShare = this.#smoothed
    return this.#fromBps
  }

  get #heavyAbove(): number {
    return Math.max(heavyAbove, this.#ownShare === 0 ? 0 : this.#ownShare + beyondOwn)
  }

  /** Takes a share that the receiver has counted. */
  report(share: number): void {
    this.#share = share
    this.#smoothed += weight * (share - this.#smoothed)
    if (this.#smoothed < forgottenShare * this.#ownShare) this.#ownShare = 0
    if (this.#smoothed < someAbove) this.#loweredAtShare = Infinity
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
