import type { GatewayName } from '../../../domain/gateway-name.ts'
import type { StreamSession } from '../../../host/contract/stream-session.ts'
import type { Log } from '../../../kernel/log.ts'
import type { GatewayCounters } from '../../../viewer/contract/gateway-counters.ts'
import type { ViewerProcesses } from '../../../viewer/open-viewer-processes.ts'
import type { PointerMessages } from '../../../viewer/sending-end.ts'
import type { SessionPath } from '../../../viewer/session-path.ts'
import type { ViewerParts } from '../../../viewer/sending/viewer.ts'
import type { MediaMessages } from '../../../viewer/web-port/packets.ts'
import type { ServerMessage } from '../../../wire/signal/messages.ts'

/** What all viewers of a gateway share. */
export interface ViewerContext extends ViewerParts {
  readonly viewerProcess: Pick<ViewerProcesses, 'open' | 'offence'>
  readonly messages: MediaMessages
  readonly pointers: PointerMessages
  readonly counters: GatewayCounters
  /** A random number of 32 bits. */
  readonly random32: () => number
  readonly log: Log
  /** For operators. */
  readonly gateway: GatewayName
}

/** What the lanes of one conversation that carry media have in common. */
export interface LaneOptions {
  readonly context: ViewerContext
  readonly session: () => StreamSession
  readonly say: (message: ServerMessage) => void
  readonly path: SessionPath
  /** The client broke the protocol. */
  readonly fault: (code: string, message: string) => void
}
