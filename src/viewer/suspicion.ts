/** What a process died or hung of, and who may have done it. */
export interface Incident {
  /** Members whose packets the process had. */
  readonly suspects: readonly string[]
  /** They were seen to do it; otherwise they were only there. */
  readonly proved: boolean
}

/** What is to become of a member after an incident. */
export type Standing =
  | 'good'
  /** Others are tried first: not by this wire for now. */
  | 'waiting'
  /** The packets of this member, and nobody else's, were there every time: not by this wire any more. */
  | 'barred'
  /** Seen to do it twice. */
  | 'shut-out'

/** Incidents that are further apart have nothing to do with one another. */
const memoryMs = 10 * 60_000
const firstWaitMs = 20_000
const longestWaitMs = 5 * 60_000
/** Members that are remembered at most; the oldest give way. */
const capacity = 4096

/**
 * Finds the one whose packets end a process that many share, as one finds a false coin by weighing: after each incident half of those
 * who were there every time wait, and the others come back. Members are shut out only for what they were seen to do, twice.
 */
export class Suspicion {
  /** How often members were seen to do it. */
  readonly #proofs = new Map<string, number>()
  readonly #barred = new Set<string>()
  readonly #waitsUntilMs = new Map<string, number>()
  /** Those who were there every time; empty without an incident. */
  #remaining: readonly string[] = []
  /** Incidents, one after the other, that did not make them fewer. */
  #rounds = 0
  #latestMs = -Infinity

  /** Those who are shut out from now on. */
  incident({ suspects, proved }: Incident, nowMs: number): readonly string[] {
    if (proved) return suspects.filter((member) => this.offence(member))
    if (nowMs - this.#latestMs >= memoryMs) this.#remaining = []
    this.#latestMs = nowMs
    const again = suspects.filter((member) => this.#remaining.includes(member))
    const [only] = again
    // Alone the first time says little: whoever did it may be gone.
    if (again.length === 1 && only !== undefined) remember(this.#barred, only)
    this.#rounds = again.length > 0 && again.length === this.#remaining.length ? this.#rounds + 1 : 0
    this.#remaining = again.length > 0 ? again : suspects.slice(0, capacity)
    this.#waitsUntilMs.clear()
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#rounds)
    for (const member of this.#nextToWait()) this.#waitsUntilMs.set(member, nowMs + waitMs)
    return []
  }

  /** Who sent what nobody sends, whether the process stands or not. Whether the member is shut out for it from now on. */
  offence(member: string): boolean {
    const proofs = (this.#proofs.get(member) ?? 0) + 1
    this.#proofs.delete(member)
    this.#proofs.set(member, proofs)
    forgetOldest(this.#proofs)
    return proofs === 2
  }

  standing(member: string, nowMs: number): Standing {
    if ((this.#proofs.get(member) ?? 0) >= 2) return 'shut-out'
    if (this.#barred.has(member)) return 'barred'
    return nowMs < (this.#waitsUntilMs.get(member) ?? 0) ? 'waiting' : 'good'
  }

  /** By each bit of their places, first those who have it and then those who have not: any two are told apart. */
  #nextToWait(): string[] {
    if (this.#remaining.length < 2) return []
    const phase = this.#rounds % (2 * Math.ceil(Math.log2(this.#remaining.length)))
    return this.#remaining.filter((_, index) => ((index >> (phase >> 1)) & 1) !== (phase & 1))
  }
}

function remember(members: Set<string>, member: string): void {
  members.add(member)
  forgetOldest(members)
}

function forgetOldest(members: Set<string> | Map<string, unknown>): void {
  if (members.size <= capacity) return
  for (const oldest of members.keys()) {
    members.delete(oldest)
    return
  }
}
