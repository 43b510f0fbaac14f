import type { SessionAuth } from '../session/auth/signed-edge.ts'
import type { EdgeHandler } from '../session/edge.ts'
import type { Program } from './instruction.ts'
import type { SchedulerPolicy } from './scheduler.ts'
import type { TraceEntry } from './trace.ts'

/**
 * What a coroutine reaches of the world outside: a function of its arguments. It takes and gives values that JSON carries;
 * its arguments are frozen, and it gets a frozen copy of what it answers.
 */
export type Action = (...args: readonly unknown[]) => unknown

export interface MachineOptions {
  readonly program: Program
  readonly actions?: Readonly<Record<string, Action>>
  readonly handlers?: Readonly<Record<string, EdgeHandler>>
  /** What sessions can be authenticated with, by the names that `open` has for it. */
  readonly auth?: Readonly<Record<string, SessionAuth>>
  readonly scheduler: SchedulerPolicy
  readonly seed: number
  readonly onTrace?: (entry: TraceEntry) => void
  /** 10,000 when left out. */
  readonly maxCoroutines?: number
  /** How many steps closing waits for the others; 1,000 when left out, 0 for the close of seed 004. */
  readonly drainSteps?: number
}

/** How a run ended: all coroutines did, some wait for ever, or the steps were used up. */
export type RunResult =
  | { readonly kind: 'done'; readonly steps: number; readonly failures: readonly Error[] }
  | { readonly kind: 'stuck'; readonly steps: number; readonly waiting: readonly string[] }
  | { readonly kind: 'out-of-steps'; readonly steps: number }
