import { existsSync } from 'node:fs'
import { messageOf } from '../kernel/coded-error.ts'
import { shortFingerprint } from '../net/identity/key-fingerprint.ts'
import type { ServerConfig } from './config/config.ts'
import type { Check } from './check.ts'
import { hostKeyFile, openHostKey } from './native/open-host-key.ts'
import { linkOf, wantsNative } from './native/open-native.ts'
import { openRelayIssuer, publicIssuer } from './native/relay-issuer.ts'
import { findUdpPort } from './udp-port.ts'

/** Whether the native transport would be served, and as whom; `isRunning`: a server has its port already. */
export async function checkNative(config: ServerConfig, isRunning: boolean): Promise<Check> {
  const what = 'Native transport'
  if (!wantsNative(config)) return { what, health: 'good', detail: 'not served (--native on)' }
  const { nativePort: port, host, dataDirectory } = config
  try {
    const key = existsSync(hostKeyFile(dataDirectory)) ? openHostKey(dataDirectory) : undefined
    if (!isRunning) await findUdpPort({ port, host, anyElse: false })
    const state = isRunning ? 'is for the server that runs on these data' : `of ${host} is free`
    const as = key
      ? `; key ${shortFingerprint(key.publicKey)}, ${linkOf(config, key)}`
      : '; its key is made at the start'
    const relays = config.relays.map(({ name }) => name).join(', ')
    const by =
      relays === ''
        ? ''
        : `; relays ${relays} with --issuer ${publicIssuer(openRelayIssuer({ keyFile: config.relayIssuerKey, dataDirectory }))}`
    return { what, health: 'good', detail: `UDP ${port} ${state}${as}; ${config.pathPolicy}${by}` }
  } catch (error) {
    return { what, health: 'poor', detail: `${messageOf(error)} (--native-port)` }
  }
}
