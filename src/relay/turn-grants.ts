import { createHash } from 'node:crypto'
import { turnCredentials } from '../net/nat/turn-credentials.ts'
import { sealTurnGrant } from '../net/relay/turn-seal.ts'
import type { RelayLease } from '../wire/relay/lease.ts'

/** A TURN server beside a relay, by the same operator. */
export interface TurnBeside {
  readonly urls: readonly string[]
  /** That it shares with the relay, and with no host. */
  readonly secret: string
  /** Its credentials are good for no longer, in milliseconds; as long as the lease unless given. */
  readonly goodForMs?: number | undefined
}

/**
 * Credentials for the session of a lease, sealed for a key: good as long as the lease, in the name of the session and of the host's end.
 * Undefined for a key of nobody.
 */
export function grantTurn({ urls, secret }: TurnBeside, { session, host, expiresMs }: RelayLease, key: Uint8Array) {
  const holder = createHash('sha256').update(host).digest('hex').slice(0, 16)
  const user = `${session.toString(16).padStart(12, '0')}-${holder}`
  // Of whole seconds, and not beyond the lease.
  const untilMs = Math.floor(expiresMs / 1000) * 1000
  const credentials = turnCredentials({ secret, user, expiresMs: untilMs })
  return sealTurnGrant({ urls: [...urls], ...credentials, expiresMs: untilMs }, key)
}
