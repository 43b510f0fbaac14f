import { existsSync } from 'node:fs'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { FindProgram } from '../apps/requirement.ts'
import { runName } from '../child/process-tree.ts'
import { openCgroups, type Cgroups } from './cgroup/open-cgroups.ts'
import type { RunAbilities } from './run-abilities.ts'
import { Containers } from './container/containers.ts'
import type { EngineSocket } from './container/find-engine.ts'
import { RunError } from './run-error.ts'
import { runProcess } from './run-process.ts'
import type { RunningApp, RunOptions } from './runner.ts'
import { isVisible, sandboxWords, withoutSharedMemory } from './sandbox/sandbox-words.ts'
import { whyNoSandbox } from './sandbox/why-no-sandbox.ts'

/** All ways of running an app that this machine has. */
export interface Runners {
  readonly abilities: RunAbilities
  run(options: RunOptions): Promise<RunningApp>
  /** Removes what this host has left in the container engine when it was killed. Never rejects. */
  removeLeftovers(): Promise<void>
  close(): Promise<void>
}

export interface RunnersOptions {
  readonly find: FindProgram
  /** Where a container engine listens. */
  readonly engine: EngineSocket
  /** Tells what belongs to this host from what belongs to others of the machine. Only one host has it at a time. */
  readonly hostId: string
  readonly clock: Clock
  readonly log: Log
}

export async function openRunners(options: RunnersOptions): Promise<Runners> {
  const cgroups = await openCgroups(options)
  const containers = new Containers(options)
  // What is missing may be installed while the host runs; what works goes on working.
  let sandboxWorks = false
  const whyNo = async () => {
    if (sandboxWorks) return undefined
    const reason = await whyNoSandbox(await options.find('bwrap'), options.clock)
    sandboxWorks = reason === undefined
    return reason
  }
  return {
    abilities: {
      whyNoSandbox: whyNo,
      whyNoContainer: () => containers.whyNot(),
      whyNoLimits: async (limits) => cgroups.whyNot(limits),
    },
    run: (asked) => {
      const run = { ...asked, runId: runName(options.hostId, asked.runId) }
      const { enclosure } = run
      return enclosure?.kind === 'container' ? containers.run(run, enclosure) : runHere(run, options, cgroups)
    },
    removeLeftovers: () => containers.removeLeftovers(),
    close: () => cgroups.close(),
  }
}

/** Runs an app as a process of this machine, in a control group of its own and, where it is to be, in a sandbox. */
async function runHere(run: RunOptions, options: RunnersOptions, cgroups: Cgroups): Promise<RunningApp> {
  const { runId, limits, env } = run
  const { wrapper, variables } = await enclosed(run, options.find)
  const group = await cgroups.open(runId, limits)
  return runProcess({ ...run, ...options, env: { ...env, ...variables }, wrapper, group })
}

async function enclosed({ enclosure, directory, command }: RunOptions, find: FindProgram) {
  if (enclosure?.kind !== 'sandbox') return { wrapper: [], variables: {} }
  const { rules, place } = enclosure
  const bwrap = await find('bwrap')
  if (bwrap === undefined) throw new RunError('could-not-start', 'Cannot start a sandbox: bwrap is not installed')
  if (!isVisible(directory, rules, place.home)) {
    const message = `Cannot run ${command?.[0]} in ${directory}: that is not visible in its sandbox; add it to readable`
    throw new RunError('directory-not-found', message)
  }
  return {
    wrapper: sandboxWords({ rules, place, bwrap, directory, asRoot: process.getuid?.() === 0, exists: existsSync }),
    variables: withoutSharedMemory,
  }
}
