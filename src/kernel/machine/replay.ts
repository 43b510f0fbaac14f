import { Machine, type MachineOptions } from './machine.ts'
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

/**
 * Runs a program again with the answers that a trace holds instead of the world outside, and compares step by step.
 * `start` begins the same coroutines as the recorded run did.
 */
export function replayTrace(
  recorded: readonly TraceEntry[],
  options: Omit<MachineOptions, 'actions' | 'onTrace'> & { readonly start: (machine: Machine) => void },
): ReplayResult {
  const answers = recorded.filter((entry) => entry.type === 'Invoked').values()
  const replayed: TraceEntry[] = []
  const machine = new Machine({
    ...options,
    actions: anyAction(() => answers.next().value?.result),
    onTrace: (entry) => replayed.push(entry),
  })
  options.start(machine)
  machine.run((recorded.at(-1)?.step ?? 0) + 1)
  const at = recorded.findIndex((entry, index) => JSON.stringify(entry) !== JSON.stringify(replayed[index]))
  if (at < 0) return { same: true, entries: recorded.length }
  return { same: false, at, recorded: recorded[at], replayed: replayed[at] }
}

/** Actions of every name, all answered the same way. */
function anyAction(answer: () => unknown): Readonly<Record<string, () => unknown>> {
  return new Proxy({}, { get: () => answer })
}
