import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { findExecutable } from '../host/child/find-executable.ts'
import { openRunners, type Runners } from '../host/run/runners.ts'
import { findEngine } from '../host/run/container/find-engine.ts'
import type { Environment, ServerConfig } from './config/config.ts'
import type { Teardown } from './teardown.ts'

/** Opens what apps are run by on this machine. */
export async function openMachineRunners(
  options: {
    readonly config: Pick<ServerConfig, 'containerEngine' | 'appUser'>
    readonly hostId: string
    readonly environment: Environment
    readonly clock: Clock
    readonly log: Log
  },
  teardown: Teardown,
): Promise<Runners> {
  const { config, hostId, environment, clock, log } = options
  const engine = findEngine(config.containerEngine, environment)
  const find = (name: string, path = environment['PATH']) => findExecutable(name, path)
  const runners = await openRunners({ find, engine, appUser: config.appUser, hostId, clock, log })
  teardown.add('runners', () => runners.close())
  return runners
}
