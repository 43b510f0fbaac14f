import type { Clock } from '../../kernel/clock.ts'
import type { MediaGrant } from '../contract/media-door.ts'
import { MediaTickets } from './media-tickets.ts'
import { ResumeTickets } from './resume-tickets.ts'

/**
 * Where those are known who may come back, and to what: one for all ways in, so that a session which was lost by one of them is
 * found again by any other.
 */
export interface ReturnDesk {
  /** Who may come back to which session, and where that was. */
  readonly sessions: ResumeTickets
  /** Who may open a pipe for the media of which conversation. */
  readonly media: MediaTickets<MediaGrant>
}

/** `randomBytes` is cryptographically secure: tickets are made of it. */
export function createReturnDesk(options: { clock: Clock; randomBytes: (count: number) => Uint8Array }): ReturnDesk {
  return { sessions: new ResumeTickets(options), media: new MediaTickets(options) }
}
