import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { BrowserGateway } from '../../gateway/browser/browser-gateway.ts'
import { openMoonlightGateway, type MoonlightGateway } from '../../gateway/moonlight/open-moonlight-gateway.ts'
import type { Mdns } from '../../net/mdns/open-mdns.ts'
import type { Host } from '../../host/contract/host.ts'
import { monotonicUs } from '../../media/contract/monotonic.ts'
import type { DeviceDoor } from '../auth/paired-devices.ts'
import { isForOthers } from '../network/is-for-others.ts'
import { isNear } from '../network/private-addresses.ts'
import type { ServerConfig } from '../config/config.ts'
import { openHostCredentials } from './host-credentials.ts'
import type { KeepRecording } from '../recordings/recordings.ts'
import { moonlightPorts, type MoonlightPorts } from './moonlight-ports.ts'

/** The way in for Moonlight's clients, as the API tells of it. */
export interface MoonlightDoor {
  readonly ports: MoonlightPorts
  readonly gateway: Pick<MoonlightGateway, 'pairings' | 'typePin' | 'refusePairing'>
  /** As what, and where, clients find it by themselves; undefined where nothing is announced. */
  readonly announced: { readonly name: string; readonly addresses: readonly string[] } | undefined
}

/** The whole of it, for whoever has opened it. */
export interface OpenMoonlight extends MoonlightDoor {
  readonly gateway: MoonlightGateway
  close(): Promise<void>
}

/** What clients look for on their network. */
export const moonlightService = '_nvstream._tcp'

/**
 * Whether Moonlight's clients are let in: where nobody said so, when the web port is there for more than this machine.
 */
export function wantsMoonlight({ moonlight, host }: Pick<ServerConfig, 'moonlight' | 'host'>): boolean {
  return moonlight === 'auto' ? isForOthers(host) : moonlight === 'on'
}

/** Undefined where it cannot be had: all else is served, and the log says why. */
export async function openMoonlight(options: {
  readonly config: ServerConfig
  readonly bindAddress: string
  readonly host: Host
  readonly gateway: Pick<BrowserGateway, 'viewerProcess'>
  readonly devices: DeviceDoor
  /** By which it is announced; undefined where it is not. */
  readonly mdns: Mdns | undefined
  readonly keepRecording: KeepRecording | undefined
  readonly clock: Clock
  readonly log: Log
}): Promise<OpenMoonlight | undefined> {
  const { config, bindAddress, host, gateway, devices, mdns, keepRecording, clock, log } = options
  const ports = moonlightPorts(config.moonlightPort)
  try {
    const { id, ...credentials } = openHostCredentials(config.dataDirectory, clock.epochMs())
    const opened = await openMoonlightGateway({
      host,
      viewerProcess: gateway.viewerProcess,
      devices: {
        admit: async (fingerprint) => {
          const admitted = await devices.admitDevice({ kind: 'certificate', fingerprint })
          return admitted.ok ? admitted.member : undefined
        },
        pair: async ({ fingerprint, member, name }) => {
          await devices.pairDevice({ member, credential: { kind: 'certificate', fingerprint }, name })
        },
      },
      name: hostname(),
      id,
      credentials,
      bindAddress,
      ports,
      lets: isNear,
      clock,
      nowUs: monotonicUs,
      log,
      randomBytes,
      keepRecording,
    })
    const announcement = mdns?.announce({ name: hostname(), type: moonlightService, port: ports.http, texts: [] })
    return {
      ports,
      gateway: opened,
      get announced() {
        const name = announcement?.name
        return name === undefined || !mdns?.addresses.length ? undefined : { name, addresses: mdns.addresses }
      },
      async close() {
        announcement?.[Symbol.dispose]()
        await opened.close()
      },
    }
  } catch (error) {
    log.warn("Moonlight's clients cannot come in", { error: messageOf(error) })
    return undefined
  }
}
