import type { Member } from '../../domain/member.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { ServerMessage } from '../../wire/signal/messages.ts'
import type { LaneHandlers } from './lane.ts'
import type { Pipe, PipeEnds } from '../../kernel/pipe.ts'

/**
 * The media of one conversation: a gateway's part in it, which knows the wire. What cannot be done is thrown as a CodedError and
 * told to the client.
 */
export interface MediaDoor {
  /** Media also comes by a pipe of its own, for a ticket. */
  readonly givesTickets: boolean
  /** What carries the conversation carries its media, too: there is no other way. */
  readonly isNative: boolean
  readonly handlers: LaneHandlers<'offer' | 'candidate' | 'limit' | 'web-media'>
  /** The conversation ends, and all media with it. Resolves when it is gone. */
  close(reason: string): Promise<void>
}

/** What a media door has of its conversation. */
export interface MediaDoorContext {
  /** What is shown: another one when the client has come back to the one that it had lost. */
  readonly session: () => StreamSession
  /** Tells the client. */
  readonly say: (message: ServerMessage) => void
  /** The client broke the protocol: the conversation ends. */
  readonly fault: (code: string, message: string) => void
}

/** The right to one pipe of media, for whoever brings the ticket. */
export interface MediaGrant {
  /** Whose it is. */
  readonly member: Member
  /** Takes it over. */
  readonly take: (pipe: Pipe, ends: PipeEnds) => void
}
