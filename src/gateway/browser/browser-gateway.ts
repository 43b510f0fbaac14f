import type { MediaGrant } from '../../conversation/contract/media-door.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import type { Member } from '../../domain/member.ts'
import type { Closable } from '../../kernel/ending.ts'
import type { MediaPort } from '../../viewer/open-viewer-process.ts'
import type { ViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import type { GatewayFigures } from '../../viewer/contract/gateway-figures.ts'

/** Who comes in. */
export interface BrowserArrival {
  /** What carries their signalling. */
  readonly pipe: Pipe
  /** They have named no subprotocol: they know the messages of seed 003 and are told nothing else. */
  readonly isPlain: boolean
  readonly member: Member
}

/** The way in for browsers: signalling over a WebSocket, media over WebRTC or a second WebSocket. */
export interface BrowserGateway extends Closable, GatewayFigures {
  /** Takes over the pipe of somebody who was let in; a session is made for it and ends with it. */
  accept(arrival: BrowserArrival): void
  /** Takes the ticket that came with a media socket: whose it is, and what takes it over. Undefined when it is no good. */
  redeemMedia(ticket: string): MediaGrant | undefined
  /** Signalling conversations. */
  readonly connections: number
  /** Where what strangers send by UDP is parsed. */
  readonly viewerProcess: Pick<
    ViewerProcesses,
    'pid' | 'processes' | 'up' | 'ends' | 'shutOut' | 'open' | 'openReach' | 'takeChannels' | 'standing' | 'measures'
  >
  /** Binds the port of all media anew. Viewers by WebRTC go on by the web port meanwhile. */
  moveMedia(udp: MediaPort): Promise<void>
}
