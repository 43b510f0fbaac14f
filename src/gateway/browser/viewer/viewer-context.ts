import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import type { DurationWindow } from '../../../kernel/duration-window.ts'
import type { GatewayCounters } from '../../../viewer/gateway-counters.ts'
import type { MessageCache } from '../web-media/message-cache.ts'
import type { Pump } from '../../../viewer/sending/pump.ts'
import type { ViewerProcess } from '../../../viewer/open-viewer-process.ts'

/** What all viewers of a gateway share. */
export interface ViewerContext {
  readonly viewerProcess: Pick<ViewerProcess, 'open' | 'offence'>
  readonly messages: MessageCache
  readonly pump: Pump
  readonly counters: GatewayCounters
  /** Of the latest pictures of all viewers, from capture to the last packet. */
  readonly captureToPacketMs: DurationWindow
  readonly clock: Clock
  /** The clock of `AccessUnit.captureUs`. */
  readonly nowUs: () => number
  /** A random number of 32 bits. */
  readonly random32: () => number
  readonly log: Log
}
