import { CodedError } from '../coded-error.ts'
import { ProtocolMachine } from './machine.ts'
import type { Action, MachineOptions } from './machine-options.ts'
import type { TraceEntry } from './trace.ts'

/** Whether a run went as recorded, and if not, the first entry that differs. */
export type ReplayResult =
  | { readonly same: true; readonly entries: number }
  | {
      readonly same: false
      readonly at: number
      readonly recorded: TraceEntry | undefined
      readonly replayed: TraceEntry | undefined
    }

export interface ReplayOptions extends Omit<MachineOptions, 'actions' | 'onTrace'> {
  /** Begins the same coroutines as the recorded run did. */
  readonly start: (machine: ProtocolMachine) => void
  /** Where to stop in a trace whose step numbers promise more; 10,000,000 when left out. */
  readonly maxSteps?: number
}

/** Runs a program again with the answers that a trace holds instead of the world outside, and compares entry by entry. */
export function replayTrace(
  recorded: readonly TraceEntry[],
  { start, maxSteps = 10_000_000, ...options }: ReplayOptions,
): ReplayResult {
  const asked = recorded.filter((entry) => entry.type === 'Invoked' || entry.type === 'InvokeFailed')
  const answers = asked.values()
  const answer = (): unknown => {
    const entry = answers.next().value
    if (entry?.type === 'InvokeFailed') throw new ReplayedError(entry.code, entry.message)
    return entry?.result
  }
  const seen: { at: number; differs?: TraceEntry } = { at: 0 }
  const machine = new ProtocolMachine({
    ...options,
    actions: Object.fromEntries(asked.map(({ action }): [string, Action] => [action, answer])),
    onTrace: (entry) => {
      if (seen.differs || seen.at === recorded.length) return
      if (JSON.stringify(entry) === JSON.stringify(recorded[seen.at])) seen.at++
      else seen.differs = entry
    },
  })
  start(machine)
  for (let steps = 0; steps < maxSteps && seen.at < recorded.length && !seen.differs; steps++) {
    if (machine.run(1).kind !== 'out-of-steps') break
  }
  const { at, differs } = seen
  if (at === recorded.length) return { same: true, entries: at }
  return { same: false, at, recorded: recorded[at], replayed: differs }
}

/** What an action threw when it was recorded. */
class ReplayedError extends CodedError<string> {}
