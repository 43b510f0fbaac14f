import { createHmac } from 'node:crypto'

/** What a TURN server asks for (RFC 8489, section 9.2). */
export interface TurnCredentials {
  readonly username: string
  readonly credential: string
}

/**
 * Credentials for a TURN server that shares a secret with this host and knows nobody by name (draft-uberti-behave-turn-rest-00; coturn
 * calls it `use-auth-secret`): the name says until when they are good, and the password follows from it.
 */
export function turnCredentials(options: {
  readonly secret: string
  /** Who it is for, as the server's operator sees it; without a colon. */
  readonly user: string
  /** Milliseconds since the Unix epoch. */
  readonly expiresMs: number
}): TurnCredentials {
  const { secret, user, expiresMs } = options
  const username = `${Math.ceil(expiresMs / 1000)}:${user}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}
