import { networkInterfaces } from 'node:os'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { openMdns, type Mdns } from '../../net/mdns/open-mdns.ts'
import type { ServerConfig } from '../config/config.ts'
import { announcedAddresses } from './announced-addresses.ts'
import { isNear } from './private-addresses.ts'

/**
 * By which this server is found on its own network, where it may be and somebody there could come to it. Undefined where it cannot be
 * had: all else is served, and the log says why.
 */
export async function openMdnsHere(options: {
  readonly config: Pick<ServerConfig, 'mdns'>
  readonly bindAddress: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}): Promise<Mdns | undefined> {
  const { config, bindAddress, clock, random, log } = options
  const isLocal = /^(127\.|::1$)/.test(bindAddress)
  if (!config.mdns || isLocal) return undefined
  try {
    const addresses = () => announcedAddresses(bindAddress, networkInterfaces())
    return await openMdns({ addresses, lets: isNear, clock, random })
  } catch (error) {
    log.warn('Nobody finds this server by itself: multicast DNS cannot be had', { error: messageOf(error) })
    return undefined
  }
}
