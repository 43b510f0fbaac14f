import type { IceServer } from '../../wire/signal/messages.ts'

/** The ICE servers that a client may use now. */
export interface OfferedIceServers {
  readonly servers: readonly IceServer[]
  /** After so long there are others; undefined where these stay. */
  readonly forMs?: number | undefined
}

export function wireIceServers({ servers, forMs }: OfferedIceServers) {
  return { iceServers: [...servers], ...(forMs !== undefined && { iceServersForMs: Math.max(0, Math.round(forMs)) }) }
}
