import type { Clock } from '../../src/kernel/clock.ts'
import { Ending } from '../../src/kernel/ending.ts'
import { silentLog, type Log } from '../../src/kernel/log.ts'
import type { ServerConfig } from '../../src/server/config/config.ts'
import { openNetworkDoor, type NetworkDoor } from '../../src/server/network/network-door.ts'
import type { Interfaces } from '../../src/server/network/private-addresses.ts'
import { ServerError } from '../../src/server/contract/server-error.ts'
import type { Settings } from '../../src/store/settings.ts'

/** Interfaces with these addresses, as `os.networkInterfaces` tells them. */
export function interfacesOf(addresses: Readonly<Record<string, readonly string[]>>): Interfaces {
  return Object.fromEntries(
    Object.entries(addresses).map(([name, own]) => [
      name,
      own.map((address) => ({
        address,
        internal: name === 'lo',
        family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
        netmask: '',
        mac: '',
        cidr: null,
        scopeid: 0,
      })),
    ]),
  )
}

/** A machine on a network, as far as the way in for that network knows it. */
export interface ScriptedNetwork {
  readonly door: NetworkDoor
  /** What the machine has now; may be changed. */
  addresses: Readonly<Record<string, readonly string[]>>
  /** Addresses on which another program has the web port, or that of media. */
  readonly taken: Set<string>
  readonly takenForMedia: Set<string>
  /** Where the server listens beside loopback. */
  readonly listening: ReadonlySet<string>
  /** To what the port of media was bound, in order: `all` interfaces, one address, or as at the start. */
  readonly media: readonly string[]
  /** How often the addresses of the page were others. */
  readonly moved: number
}

/** Opens the door of a server on loopback, in a machine with one private address. */
export function openScriptedNetwork(options: {
  config?: Pick<ServerConfig, 'host' | 'hostIsGiven' | 'tls'>
  settings: Settings
  clock: Clock
  log?: Log
}): ScriptedNetwork {
  const { settings, clock, log = silentLog } = options
  const { config = { host: '127.0.0.1', hostIsGiven: false, tls: { kind: 'own' } } } = options
  const listening = new Set<string>()
  const [taken, takenForMedia] = [new Set<string>(), new Set<string>()]
  const media: string[] = []
  const machine: Pick<ScriptedNetwork, 'addresses'> & { moved: number } = {
    addresses: { lo: ['127.0.0.1', '::1'], eth0: ['192.168.1.5', 'fe80::5'] },
    moved: 0,
  }
  return Object.assign(machine, {
    taken,
    takenForMedia,
    listening,
    media,
    door: openNetworkDoor({
      config,
      port: 8080,
      udpPort: 8081,
      settings,
      certificate: () => null,
      async listen(address) {
        if (taken.has(address)) throw new ServerError('port-in-use', `Cannot listen on port 8080 of ${address}`)
        listening.add(address)
        const ending = new Ending(() => void listening.delete(address))
        return {
          closed: ending.closed,
          close: (reason) => ending.close(reason),
          [Symbol.asyncDispose]: () => ending.close(),
        }
      },
      async tryMedia(address) {
        if (takenForMedia.has(address)) throw new ServerError('port-in-use', `Cannot use UDP port 8081 of ${address}`)
      },
      async moveMedia(to) {
        media.push(to === 'as-begun' ? to : (to.address ?? 'all'))
      },
      onMoved: () => void machine.moved++,
      interfaces: () => interfacesOf(machine.addresses),
      clock,
      log,
    }),
  })
}
