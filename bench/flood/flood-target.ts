/** What a flood is aimed at: a server of this machine, and what its invitations let anybody do there. */
export interface FloodTarget {
  /** Of the web port. */
  readonly port: number
  readonly udpPort: number
  /** Address of the signalling WebSocket. */
  readonly url: string
  readonly lobbyId: string
  /** Tokens of links, which open the lobby as they are. */
  readonly viewerToken: string
  readonly playerToken: string
}

/** Sends until the signal is aborted, and tells how much it was, for people. */
export type Flood = (target: FloodTarget, signal: AbortSignal) => Promise<string>
