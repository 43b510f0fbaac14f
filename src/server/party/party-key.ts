import { join } from 'node:path'
import { openX25519Key, type X25519Key } from '../native/open-x25519-key.ts'

/**
 * This host's key in parties: to WireGuard, on ports that are shared, and to members who seal for it what they say. Throws ServerError
 * `invalid-config`.
 */
export function openPartyKey(dataDirectory: string): X25519Key {
  return openX25519Key(join(dataDirectory, 'party-key.pem'), "the host's key in parties")
}
