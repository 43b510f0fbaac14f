import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import type { ReturnDesk } from '../../conversation/return/return-desk.ts'
import type { BrowserGateway } from '../../gateway/browser/browser-gateway.ts'
import type { KeyDoor } from '../../gateway/native/contract/key-door.ts'
import {
  openNativeGateway,
  type NativeGateway,
  type NativeGatewayOptions,
} from '../../gateway/native/open-native-gateway.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { monotonicUs } from '../../media/contract/monotonic.ts'
import { shortFingerprint } from '../../net/identity/key-fingerprint.ts'
import { mostStunServers } from '../../wire/reach/signals.ts'
import { keyPairFrom } from '../../net/native/node-crypto.ts'
import type { NativePort } from '../../viewer/link/messages.ts'
import { formatNativeLink } from '../../wire/native/native-link.ts'
import { hostsPath } from '../../wire/reach/registration.ts'
import { isWildcard } from '../auth/allowed-hosts.ts'
import type { ServerConfig } from '../config/config.ts'
import { findStunServers } from '../network/stun-places.ts'
import { outerAddresses } from '../network/private-addresses.ts'
import { isForOthers } from '../network/is-for-others.ts'
import { isLoopback, pageLinks } from '../network/page-links.ts'
import { openHostKey, type HostKey } from './open-host-key.ts'

/** Whether the native transport is served: where nobody said so, when the web port is there for more than this machine, or a gateway leads here. */
export function wantsNative({ native, host, gateway }: Pick<ServerConfig, 'native' | 'host' | 'gateway'>): boolean {
  return native === 'auto' ? isForOthers(host) || gateway !== undefined : native === 'on'
}

/** What the viewer process needs to answer there; undefined where it is not to, or the key cannot be had: then the log says why. */
export async function nativePort(options: {
  readonly config: ServerConfig
  readonly bindAddress: string | undefined
  readonly log: Log
}): Promise<NativePort | undefined> {
  const { config, bindAddress, log } = options
  if (!wantsNative(config)) return undefined
  try {
    const key = openHostKey(config.dataDirectory)
    const { nativePort: port, pathPolicy: policy, birthdayProbing: probesByBirthday } = config
    const stunServers = await findStunServers(config, (place, error) =>
      log.warn('A STUN server is not known', { place, error }),
    )
    log.info('The native transport is served', {
      port,
      key: shortFingerprint(key.publicKey),
      link: linkOf(config, key),
    })
    const secret = Buffer.from(key.secret).toString('hex')
    const asked = stunServers.slice(0, mostStunServers)
    // What comes by a gateway comes from everywhere, also where the web port is for this machine alone.
    const isHidden = bindAddress !== undefined && isLoopback(bindAddress) && config.gateway !== undefined
    return {
      port,
      bindAddress: isHidden ? undefined : bindAddress,
      secret,
      takesStrangers: true,
      policy,
      probesByBirthday,
      stunServers: asked,
    }
  } catch (error) {
    log.warn('The native transport is not served', { error: messageOf(error) })
    return undefined
  }
}

/** Where that port is found by others, as their pages are: for those whom the host knows, or with a token behind a `#` for others. */
export function nativeLinks(
  config: Pick<ServerConfig, 'host' | 'nativePort' | 'publicAddresses' | 'tls' | 'gateway'>,
  native: NativePort | undefined,
  webPort: number,
): readonly string[] {
  if (!native) return []
  const key = keyPairFrom(Buffer.from(native.secret, 'hex')).publicKey
  const pages = pageLinks(config, webPort).map((link) => new URL(link))
  const outer = pages.filter(({ hostname }) => !isLoopback(hostname))
  const links = (outer.length > 0 ? outer : pages).map(({ hostname, origin, pathname }) => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const web = `${origin}${pathname.replace(/\/+$/, '')}`
    return formatNativeLink({ host, port: native.port, key, invitation: undefined, web })
  })
  if (config.gateway === undefined) return [...new Set(links)]
  // It leads here from everywhere; the address is for those on the same network, should the gateway be away.
  const [near] = outer.length > 0 ? outer.map(({ hostname }) => hostname) : ownAddresses()
  const place = near?.replace(/^\[(.*)\]$/, '$1') ?? new URL(config.gateway).hostname
  return [...new Set([gatewayLink({ ...config, gateway: config.gateway }, place, key), ...links])]
}

function gatewayLink(
  { gateway, nativePort: port }: { readonly gateway: string; readonly nativePort: number },
  host: string,
  key: Uint8Array,
): string {
  const web = `${gateway}${hostsPath}/${Buffer.from(key).toString('base64url')}`
  return formatNativeLink({ host, port, key, invitation: undefined, web })
}

function ownAddresses(): readonly string[] {
  return outerAddresses(networkInterfaces()).map(({ address }) => address)
}

/** For those whom the host knows; with `#` and the token of an invitation behind it for others. */
export function linkOf({ host, nativePort: port }: Pick<ServerConfig, 'host' | 'nativePort'>, key: HostKey): string {
  return formatNativeLink({ host: isWildcard(host) ? 'HOST' : host, port, key: key.publicKey, invitation: undefined })
}

/** The way in for those who come to that port. */
export function openNative(options: {
  readonly host: Host
  readonly gateway: Pick<BrowserGateway, 'viewerProcess'>
  readonly door: KeyDoor
  readonly answer: NativeGatewayOptions['answer']
  readonly desk: ReturnDesk
  readonly keepRecording: ((sessionId: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly log: Log
}): NativeGateway {
  const { gateway, ...rest } = options
  const { viewerProcess } = gateway
  return openNativeGateway({ ...rest, viewerProcess, nowUs: monotonicUs, randomBytes })
}
