import type { OfferedIceServers } from '../../conversation/contract/offered-ice-servers.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import { turnCredentials } from '../../net/nat/turn-credentials.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import type { TurnConfig } from '../config/config.ts'
import { ServerError } from '../contract/server-error.ts'
import { readPlainFile } from '../files/read-plain-file.ts'

/** What was allocated with them stays for as long as it is used; who may need others asks again before. */
const goodForMs = 24 * 3_600_000
const maxSecretBytes = 4096
/** In the name of whom: the server's operator learns nothing of who plays here. */
const user = 'porchlight'

/** What ends are told of TURN. */
export interface TurnServers {
  /** For a client, with credentials that begin now. */
  forClient(): OfferedIceServers
  /**
   * For this host's own end: such a server answers STUN too, which says where this host is seen. That is enough, since the client's relayed
   * address lets in whoever comes from there; all viewers share one UDP port, for which a server has one relayed address and not one each.
   */
  readonly forHost: readonly IceServer[]
}

/** What ends are told from several sides, for as long as all of it is good. */
export function allIceServers(offers: readonly (OfferedIceServers | undefined)[]): OfferedIceServers {
  const forMs = Math.min(...offers.map((offer) => offer?.forMs ?? Infinity))
  return { servers: offers.flatMap((offer) => offer?.servers ?? []), ...(Number.isFinite(forMs) && { forMs }) }
}

/** Reads the secret. Throws ServerError `invalid-config`. */
export function readTurnServers({ urls, secretFile }: TurnConfig, clock: Clock): TurnServers {
  const secret = readTurnSecret(secretFile)
  const stun = urls
    .filter((url) => /^turn:/i.test(url))
    .map((url) => url.replace(/^turn:/i, 'stun:').replace(/\?.*/, ''))
  return {
    forClient: () => ({
      servers: [{ urls: [...urls], ...turnCredentials({ secret, user, expiresMs: clock.epochMs() + goodForMs }) }],
      forMs: goodForMs,
    }),
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
