import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { messageOf } from '../kernel/coded-error.ts'
import { systemClock } from '../kernel/clock.ts'
import { openMdns } from '../net/mdns/open-mdns.ts'
import type { ServerConfig } from './config/config.ts'
import type { Check } from './check.ts'
import { findUdpPort } from './udp-port.ts'
import { moonlightPorts } from './moonlight/moonlight-ports.ts'
import { wantsMoonlight } from './moonlight/open-moonlight.ts'
import { announcedAddresses } from './network/announced-addresses.ts'
import { isNear } from './network/private-addresses.ts'

/** Whether Moonlight's clients would be let in, and whether their ports can be had; `isRunning`: a server has them already. */
export async function checkMoonlight(config: ServerConfig, isRunning: boolean): Promise<Check> {
  const what = 'Moonlight'
  if (!wantsMoonlight(config)) return { what, health: 'good', detail: 'clients are not let in (--moonlight on)' }
  const { http, https, rtsp, udp } = moonlightPorts(config.moonlightPort)
  const ports = `TCP ${http}, ${https} and ${rtsp}, UDP ${udp}`
  const found = await describeFinding(config)
  if (isRunning)
    return { what, health: 'good', detail: `${ports} are for the server that runs on these data; ${found}` }
  try {
    for (const port of [http, https, rtsp]) await tryTcp(port, config.host)
    await findUdpPort({ port: udp, host: config.host, anyElse: false })
    return {
      what,
      health: 'good',
      detail: `${ports} of ${config.host} are free; open to private addresses alone; ${found}`,
    }
  } catch (error) {
    return { what, health: 'poor', detail: `${messageOf(error)}; choose others with --moonlight-port` }
  }
}

/** Whether clients find it by themselves. */
async function describeFinding({ mdns, host }: ServerConfig): Promise<string> {
  if (!mdns) return 'not announced (--no-mdns)'
  const addresses = announcedAddresses(host, networkInterfaces())
  if (addresses.length === 0) return 'announced to nobody: no private address (IPv4) is listened at'
  try {
    const opened = await openMdns({ addresses: () => addresses, lets: isNear, clock: systemClock, random: Math.random })
    await opened.close()
    return `announced by multicast DNS at ${addresses.join(', ')}`
  } catch (error) {
    return `not announced: ${messageOf(error)}`
  }
}

async function tryTcp(port: number, host: string): Promise<void> {
  const server = createServer()
  server.listen({ port, host })
  await once(server, 'listening')
  const closed = once(server, 'close')
  server.close()
  await closed
}
