import type { Clock } from '../clock.ts'
import type { LocalType } from '../protocol/local-type.ts'
import type { EndStatus } from './contract/session-error.ts'
import type { SessionEvent } from './contract/session-event.ts'

/** What became of a send: `blocked` means that nothing happened, because the edge is full. */
export type SendOutcome = 'sent' | 'dropped' | 'blocked'

/** The place that a session lives in. */
export interface SessionHost {
  readonly clock: Clock
  /** How long `close` waits for the others; 0 ends at once, wherever they are. */
  readonly drainMs: number
  readonly checkedTypes: WeakSet<LocalType>
  /** Tells the events of one step. */
  readonly tell: (first: SessionEvent, second?: SessionEvent, third?: SessionEvent) => void
  readonly ended: (sid: number, status: EndStatus) => void
}
