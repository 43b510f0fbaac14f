import type { Clock, Timer } from '../../../kernel/clock.ts'

export interface AnsweringOptions {
  readonly clock: Clock
  /** The client takes candidates only in the answer: it is held back until they are known. */
  readonly withCandidates: boolean
  readonly answer: (sdp: string) => void
  readonly candidate: (candidate: string) => void
}

/** What a STUN or TURN server has not told by then, is left out of an answer that carries its candidates. */
const gatheringLimitMs = 1000

/**
 * Puts the answer of a peer connection and its candidates in order. The library reports some before the answer they belong
 * to: they wait for it.
 */
export class Answering {
  readonly #options: AnsweringOptions
  readonly #held: string[] = []
  #sdp: string | undefined
  #isGathered = false
  #isAnswered = false
  #timer: Timer | undefined

  constructor(options: AnsweringOptions) {
    this.#options = options
  }

  candidate(candidate: string): void {
    if (!this.#isAnswered) this.#held.push(candidate)
    else if (!this.#options.withCandidates) this.#options.candidate(candidate)
  }

  answer(sdp: string): void {
    this.#sdp = sdp
    if (!this.#options.withCandidates || this.#isGathered) return this.#release()
    this.#timer ??= this.#options.clock.after(gatheringLimitMs, () => this.#release())
  }

  /** No more candidates are found. */
  gathered(): void {
    this.#isGathered = true
    if (this.#options.withCandidates) this.#release()
  }

  close(): void {
    this.#timer?.cancel()
    this.#isAnswered = true
    this.#held.length = 0
  }

  #release(): void {
    if (this.#isAnswered || this.#sdp === undefined) return
    const { answer, candidate, withCandidates } = this.#options
    const held = this.#held.splice(0)
    this.#timer?.cancel()
    this.#isAnswered = true
    answer(withCandidates ? carrying(this.#sdp, held) : this.#sdp)
    if (!withCandidates) for (const one of held) candidate(one)
  }
}

/** A description with its candidates (RFC 8839, section 5.1), all of them in the section that carries the bundle. */
function carrying(sdp: string, candidates: readonly string[]): string {
  const first = sdp.indexOf('\r\nm=') + 2
  const next = sdp.indexOf('\r\nm=', first)
  const end = next < 0 ? sdp.trimEnd().length : next
  const lines = [...candidates, 'end-of-candidates']
  return `${sdp.slice(0, end)}${lines.map((line) => `\r\na=${line}`).join('')}${next < 0 ? '\r\n' : sdp.slice(end)}`
}
