/** Of so many checks whose fate is known losses are told. */
const windowChecks = 40
/** Of the newest so many up to the last one with an answer, what is lost now is told. */
const recentChecks = 20
/** One that has waited for so much longer than usual, while a later one was answered, will hardly be. */
const overtakenMs = 60
/** A check without an answer for so long is lost, for the measure. */
const lostAfterMs = 1000
/** So many unanswered ones, the first of them for so long, are a dead path. */
const deadChecks = 4
const deadAfterMs = 1200
/** And for so long, where another path has answered what was sent to it meanwhile so often: the other end is there, and does not get this. */
const deadBesideMs = 700
const answersBeside = 2

/** What was lost lately, between answers. */
export interface RecentLosses {
  readonly lost: number
  /** How many times something was lost after an answer: a moment in which nothing came is one, whatever was lost in it. */
  readonly runs: number
  /** 0 to 1. */
  readonly ratio: number
  /** Of how many checks, sent since when. */
  readonly of: number
  readonly sinceMs: number
}

interface Check {
  readonly id: string
  readonly sentMs: number
  fate: 'open' | 'answered' | 'lost'
}

/**
 * What the checks of one path tell: whether there is an answer to what is sent, which takes both directions; how long it takes; and
 * how many stay without. As several checks have to be without an answer, a process that stood still does not take its path for dead.
 */
export class PathMeter {
  /** The newest at the end; those with a fate stay for the measure of losses. */
  #checks: Check[] = []
  #answered: { readonly sentMs: number; readonly atMs: number } | undefined
  #smoothedMs: number | undefined

  /** Smoothed as TCP does, in milliseconds; undefined before the first answer. */
  get roundTripMs(): number | undefined {
    return this.#smoothedMs
  }

  /** When the last answer came. */
  get answeredMs(): number | undefined {
    return this.#answered?.atMs
  }

  /** How many checks the measure of losses is of. */
  get judged(): number {
    return this.#checks.filter(({ fate }) => fate !== 'open').length
  }

  /** Of the checks whose fate is known, 0 to 1. */
  get lossRatio(): number {
    const { judged } = this
    return judged === 0 ? 0 : this.#checks.filter(({ fate }) => fate === 'lost').length / judged
  }

  /**
   * Of the newest checks up to the last one that has an answer, without waiting for the others: so silence, which may be the other end
   * standing still, is no loss, and what comes by halves is noticed soon. Of those that were sent from `sinceMs` on, where given.
   */
  recentLosses(nowMs: number, sinceMs = -Infinity): RecentLosses {
    const untilMs = this.#answered?.sentMs ?? -Infinity
    const known = this.#checks.filter(({ sentMs }) => sentMs <= untilMs && sentMs >= sinceMs).slice(-recentChecks)
    const hopefulMs = (this.#smoothedMs ?? 0) + overtakenMs
    let [lost, runs, isRun] = [0, 0, false]
    for (const { fate, sentMs } of known) {
      const isLost = fate === 'lost' || (fate === 'open' && nowMs - sentMs > hopefulMs)
      if (isLost) lost++
      if (isLost && !isRun) runs++
      isRun = isLost
    }
    return {
      lost,
      runs,
      ratio: known.length === 0 ? 0 : lost / known.length,
      of: known.length,
      sinceMs: known[0]?.sentMs ?? nowMs,
    }
  }

  sent(id: string, nowMs: number): void {
    this.#checks.push({ id, sentMs: nowMs, fate: 'open' })
    while (this.#checks.length > windowChecks) this.#checks.shift()
  }

  /** False for what is no answer to a check of this path. */
  answered(id: string, nowMs: number): boolean {
    const check = this.#checks.findLast((each) => each.id === id && each.fate !== 'answered')
    if (!check) return false
    // One that was taken for lost and comes late is there all the same.
    check.fate = 'answered'
    const roundTripMs = nowMs - check.sentMs
    this.#smoothedMs = this.#smoothedMs === undefined ? roundTripMs : this.#smoothedMs * 0.875 + roundTripMs * 0.125
    if (!this.#answered || check.sentMs >= this.#answered.sentMs) this.#answered = { sentMs: check.sentMs, atMs: nowMs }
    return true
  }

  /** Decides about checks that have waited too long. */
  tick(nowMs: number): void {
    for (const check of this.#checks) {
      if (check.fate === 'open' && nowMs - check.sentMs > lostAfterMs + (this.#smoothedMs ?? 0)) check.fate = 'lost'
    }
  }

  /** For how long what was sent has been without an answer; 0 while all is answered. */
  unansweredMs(nowMs: number): number {
    const first = this.#unanswered()[0]
    return first ? nowMs - first.sentMs : 0
  }

  /** Whether it has to be taken for dead. `others`: what is measured of the other paths to the same end. */
  isDead(nowMs: number, others: Iterable<PathMeter> = []): boolean {
    const [first, ...more] = this.#unanswered()
    if (!first || more.length + 1 < deadChecks) return false
    const limitMs = Math.max(deadAfterMs, Math.min(this.#patienceMs, 1.4 * deadAfterMs))
    if (nowMs - first.sentMs >= limitMs) return true
    if (!this.isSilent(nowMs)) return false
    for (const other of others) if (other.#answeredSince(first.sentMs) >= answersBeside) return true
    return false
  }

  /** Whether it is dead if something else says that the other end is not what stands still, or that all is. */
  isSilent(nowMs: number): boolean {
    const silentMs = this.unansweredMs(nowMs)
    return this.#unanswered().length >= deadChecks && silentMs >= Math.max(deadBesideMs, this.#patienceMs)
  }

  get #patienceMs(): number {
    return 1.5 * (this.#smoothedMs ?? 0) + 250
  }

  /** The path lives: what was lost before says nothing of it. */
  begin(): void {
    this.#checks = this.#checks.filter(({ fate }) => fate === 'answered')
  }

  /** All of it is of the past: what is measured from now on is of another path. */
  forget(): void {
    this.#checks = []
    this.#answered = undefined
    this.#smoothedMs = undefined
  }

  /** How many checks have an answer that were sent since then. */
  #answeredSince(sinceMs: number): number {
    return this.#checks.filter(({ fate, sentMs }) => fate === 'answered' && sentMs >= sinceMs).length
  }

  /** Sent after the newest that was answered. */
  #unanswered(): Check[] {
    const since = this.#answered?.sentMs ?? -Infinity
    return this.#checks.filter(({ sentMs, fate }) => fate !== 'answered' && sentMs > since)
  }
}
