import { prepareHomes } from './apps/homes/homes.ts'
import type { OpenHost } from './host-counters.ts'
import type { HostOptions } from './host-options.ts'
import { LiveHost } from './live-host.ts'

/** Opens a host without lobbies and sessions. Closing it ends all of them; its parts stay their owner's. */
export async function openHost(options: HostOptions): Promise<OpenHost> {
  await prepareHomes(options.dataDirectory)
  return new LiveHost(options)
}
