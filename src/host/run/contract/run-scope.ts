import { noShelter, type Shelter } from '../../child/shelter.ts'
import type { RunLimits } from './run-rules.ts'
import type { LimitName } from '../../../domain/run-limit.ts'
import type { RunningApp, ScopedRun } from './runner.ts'

/** What everything of one lobby's run has in common: its app, the servers that the app speaks to, and what they may use. */
export interface ScopeRequest {
  /** Its name among the runs of its host. */
  readonly runId: string
  readonly limits: RunLimits
  /** Its app is shut in a sandbox or a container; on the machine as it is when undefined. */
  readonly enclosure: 'sandbox' | 'container' | undefined
  /** Device nodes, or directories of them, that it may use; undefined where it sees all that there are. */
  readonly devices: readonly string[] | undefined
  /** Files and directories that its rules let it write. */
  readonly writable: readonly string[]
  /** Absolute; of the app. Made by whoever opens the scope. */
  readonly home: string
  /** Absolute, private to the run, exists. */
  readonly directory: string
}

export interface RunScope extends AsyncDisposable {
  /** What display and sound server are started in: they count as part of the app. */
  readonly shelter: (part: 'display' | 'sound') => Promise<Shelter>
  /** What an app finds in its environment of its user, beside HOME; what the host's own has when undefined. */
  readonly account: Account | undefined
  /** Its limits that cannot be held here: it runs without them. */
  readonly unheldLimits: readonly LimitName[]
  /** What its owner has to know of it, and how to change that. */
  readonly warnings: readonly string[]
  run(options: ScopedRun): Promise<RunningApp>
  /** Why something of the run was killed, when the kernel did it because of its limit; for people. */
  outOfMemory(): Promise<string | undefined>
}

export interface Account {
  readonly name: string
  readonly shell: string
}

/** One in which everything is what its host is, without limits. */
export function plainScope(run: (options: ScopedRun) => Promise<RunningApp>): RunScope {
  return {
    shelter: async () => noShelter,
    account: undefined,
    unheldLimits: [],
    warnings: [],
    run,
    outOfMemory: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
}
