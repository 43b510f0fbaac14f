import type { BirthdayOutcome, BirthdayResult } from '../../net/paths/birthday-probing.ts'

/** What came of probing for direct paths to members by birthday since this host was started, in whatever parties it was. */
export class ProbingCounts {
  readonly results = new Map<BirthdayResult, number>()
  /** Packets of it. */
  probes = 0

  count({ result, probes }: BirthdayOutcome): void {
    this.results.set(result, (this.results.get(result) ?? 0) + 1)
    this.probes += probes
  }
}
