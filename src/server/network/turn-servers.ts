import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import { turnCredentials } from '../../net/nat/turn-credentials.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import type { TurnConfig } from '../config/config.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'

/** Longer than a browser tab stays open without connecting anew; what was allocated with them stays for as long as it is used. */
const goodForMs = 24 * 3_600_000
const maxSecretBytes = 4096
/** In the name of whom: the server's operator learns nothing of who plays here. */
const user = 'porchlight'

/** What ends are told of TURN. */
export interface TurnServers {
  /** For a client, with credentials that begin now. */
  forClient(): readonly IceServer[]
  /**
   * For this host's own end: such a server answers STUN too, which says where this host is seen. That is enough, since the client's relayed
   * address lets in whoever comes from there; all viewers share one UDP port, for which a server has one relayed address and not one each.
   */
  readonly forHost: readonly IceServer[]
}

/** Reads the secret. Throws ServerError `invalid-config`. */
export function readTurnServers({ urls, secretFile }: TurnConfig, clock: Clock): TurnServers {
  const secret = readTurnSecret(secretFile)
  const stun = urls
    .filter((url) => /^turn:/i.test(url))
    .map((url) => url.replace(/^turn:/i, 'stun:').replace(/\?.*/, ''))
  return {
    forClient: () => [
      { urls: [...urls], ...turnCredentials({ secret, user, expiresMs: clock.epochMs() + goodForMs }) },
    ],
    forHost: [...new Set(stun)].map((url) => ({ urls: url })),
  }
}

/** Throws ServerError `invalid-config`. */
export function readTurnSecret(file: string): string {
  let secret: string
  try {
    secret = readPlainFile(file, maxSecretBytes).trim()
  } catch (error) {
    throw new ServerError('invalid-config', `Cannot read the secret of the TURN server: ${messageOf(error)}`)
  }
  if (secret === '' || /\s/.test(secret)) {
    throw new ServerError(
      'invalid-config',
      `Cannot use ${file}: wanted the secret of the TURN server, and nothing else`,
    )
  }
  return secret
}
