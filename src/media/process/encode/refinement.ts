/** Up to this quantizer a picture at rest is called good: nobody sees what is missing. */
const goodQuantizer = 20
/** Good enough after this many refinements that were. */
const goodRefinements = 2

/** One refinement takes what the path carries in this time. What changes on the screen meanwhile has to wait for it. */
const usualUs = 133_000
/**
 * So much once a refinement has not taken half of what it might: where a row of blocks hardly fits, x264 leaves it as it is, however
 * fine a quantizer it has chosen. What waits for it stays below what a sender's queue may wait (see Pacer).
 */
const generousUs = 266_000

/** How much each refinement of a picture that stands may take, and whether it looks as it should. Pure. */
export class Refinement {
  #isGenerous = false
  #goodInARow = 0

  /** Whether the picture is known to look as it should. */
  get good(): boolean {
    return this.#goodInARow >= goodRefinements
  }

  /** What the next one may take. */
  bitsAt(bitrateBps: number): number {
    return (bitrateBps * (this.#isGenerous ? generousUs : usualUs)) / 1_000_000
  }

  /** What comes next shows something new, or is a key picture. */
  restart(): void {
    this.#isGenerous = false
    this.#goodInARow = 0
  }

  /** One was coded. A coder that had no room is coarser than it meant to be when it chose its quantizer. */
  coded(bits: number, allowedBits: number, quantizer: number | undefined): void {
    const hadRoom = bits < allowedBits / 2
    const isGood = hadRoom && this.#isGenerous && quantizer !== undefined && quantizer <= goodQuantizer
    this.#goodInARow = isGood ? this.#goodInARow + 1 : 0
    this.#isGenerous ||= hadRoom
  }
}
