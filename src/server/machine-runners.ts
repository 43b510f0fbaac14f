import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { findExecutable } from '../host/child/find-executable.ts'
import { openRunners, type Runners } from '../host/run/runners.ts'
import type { Environment } from './config.ts'
import type { Teardown } from './teardown.ts'

/** Opens what apps are run by on this machine. */
export async function openMachineRunners(
  { environment, clock, log }: { readonly environment: Environment; readonly clock: Clock; readonly log: Log },
  teardown: Teardown,
): Promise<Runners> {
  const find = (name: string, path = environment['PATH']) => findExecutable(name, path)
  const runners = await openRunners({ find, clock, log })
  teardown.add('runners', () => runners.close())
  return runners
}
