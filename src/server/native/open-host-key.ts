import { join } from 'node:path'
import { openX25519Key, type X25519Key } from './open-x25519-key.ts'

/** A host's key, and the secret half of it for the process that answers with it. */
export type HostKey = X25519Key

/**
 * Who a host is on the native transport, made at the first time: whoever has this file can say to be this host. Throws ServerError
 * `invalid-config`.
 */
export function openHostKey(dataDirectory: string): HostKey {
  return openX25519Key(hostKeyFile(dataDirectory), "the host's key")
}

/** Where the key is kept. */
export function hostKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'native-key.pem')
}
