import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { RunAbilities } from './run-abilities.ts'
import { RunError } from './run-error.ts'
import { runProcess } from './run-process.ts'
import type { RunningApp, RunOptions } from './runner.ts'

/** All ways of running an app that this machine has. */
export interface Runners {
  readonly abilities: RunAbilities
  run(options: RunOptions): Promise<RunningApp>
}

export function openRunners(machine: { readonly clock: Clock; readonly log: Log }): Runners {
  return {
    abilities: {
      whyNoSandbox: async () => 'This version has no sandbox',
      whyNoContainer: async () => 'This version runs no containers',
      whyNoLimits: async () => undefined,
    },
    run: async (options) => {
      if (options.enclosure) throw new RunError('could-not-start', 'This version encloses no app')
      return runProcess({ ...options, ...machine })
    },
  }
}
