import { readFile } from 'node:fs/promises'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { FindProgram } from '../apps/definition/requirement.ts'
import { openCgroups } from './cgroup/open-cgroups.ts'
import type { RunAbilities } from './contract/run-abilities.ts'
import { Containers } from './container/containers.ts'
import type { EngineSocket } from './container/find-engine.ts'
import { openScope } from './open-scope.ts'
import type { RunScope, ScopeRequest } from './contract/run-scope.ts'
import { whyNoSandbox } from './sandbox/why-no-sandbox.ts'
import { AppUsers } from './users/app-users.ts'
import { whyNoOwnUser } from './users/why-no-own-user.ts'
import { userRange, type UserRange } from './users/user-range.ts'

/** All ways of running an app that this machine has. */
export interface Runners {
  readonly abilities: RunAbilities
  readonly runsAs: RunsAs
  openScope(request: ScopeRequest): Promise<RunScope>
  /** Removes what this host has left in the container engine when it was killed. Never rejects. */
  removeLeftovers(): Promise<void>
  close(): Promise<void>
}

/** Who apps are on this machine. */
export type RunsAs =
  /** Each lobby's a user of its own, one of these. */
  | { readonly kind: 'own'; readonly range: UserRange }
  /** The one who started Porchlight, who is not root. */
  | { readonly kind: 'ordinary' }
  /** Root; why, and how to change that, for people. */
  | { readonly kind: 'root'; readonly why: string }

/** Who apps are to be where Porchlight runs as root: users of their own, or root. */
export type AppUserChoice = 'own' | 'same'

export interface RunnersOptions {
  readonly find: FindProgram
  /** Where a container engine listens. */
  readonly engine: EngineSocket
  readonly appUser: AppUserChoice
  /** Tells what belongs to this host from what belongs to others of the machine. Only one host has it at a time. */
  readonly hostId: string
  readonly clock: Clock
  readonly log: Log
}

export async function openRunners(options: RunnersOptions): Promise<Runners> {
  const { find, hostId, clock } = options
  const cgroups = await openCgroups(options)
  const containers = new Containers(options)
  // What is missing may be installed while the host runs; what works goes on working.
  let sandboxWorks = false
  const whyNo = async () => {
    if (sandboxWorks) return undefined
    const reason = await whyNoSandbox(await find('bwrap'), clock)
    sandboxWorks = reason === undefined
    return reason
  }
  const runsAs = await whoRuns(options, whyNo)
  const setpriv = await find('setpriv')
  const users = runsAs.kind === 'own' && setpriv !== undefined ? { of: new AppUsers(runsAs.range), setpriv } : undefined
  return {
    abilities: {
      whyNoSandbox: whyNo,
      whyNoContainer: () => containers.whyNot(),
      whyNoLimits: async (limits) => cgroups.whyNot(limits),
    },
    runsAs,
    openScope: async (request) => {
      const bwrap = (await whyNo()) === undefined ? await find('bwrap') : undefined
      return openScope(request, { ...options, hostId, cgroups, containers, bwrap, users })
    },
    removeLeftovers: () => containers.removeLeftovers(),
    close: () => cgroups.close(),
  }
}

async function whoRuns(options: RunnersOptions, whyNo: () => Promise<string | undefined>): Promise<RunsAs> {
  const { find, appUser, hostId, clock } = options
  if (process.getuid?.() !== 0) return { kind: 'ordinary' }
  if (appUser === 'same') return { kind: 'root', why: 'It was chosen (--app-user same)' }
  const range = userRange(hostId, await readFile('/proc/self/uid_map', 'utf8').catch(() => ''))
  if (!range) return { kind: 'root', why: `This user namespace has no users to spare. ${remedy}` }
  const noSandbox = await whyNo()
  if (noSandbox !== undefined) return { kind: 'root', why: noSandbox }
  const programs = { bwrap: await find('bwrap'), setpriv: await find('setpriv') }
  const why = await whyNoOwnUser({ ...programs, uid: range.first, clock })
  return why === undefined ? { kind: 'own', range } : { kind: 'root', why: `${why}. ${remedy}` }
}

const remedy = 'Start Porchlight as a user who is not root'
