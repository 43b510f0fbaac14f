import type { StreamSession } from '../../host/contract/stream-session.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'
import type { Handlers } from '../../kernel/monitor/typed-conversation.ts'
import type { ServerMessage } from '../../wire/signal/messages.ts'
import type { signalling } from '../../wire/signal/protocol.ts'

/** What a lane says with. */
export interface Speech {
  /** Sends a message, or drops it when nobody is there any more. */
  say(message: ServerMessage): void
  /** Whether the protocol lets the host send such a message now. */
  may(label: ServerMessage['type']): boolean
}

/** What is done with each message of a client that the protocol allows. */
export type SignalHandlers = Handlers<typeof signalling, 'host'>

/**
 * What a lane does with its own. They come one after the other: the next one waits for the promise of the one before. What is thrown
 * is told to the client.
 */
export type LaneHandlers<Label extends keyof SignalHandlers> = {
  readonly [L in Label]: (message: Parameters<SignalHandlers[L]>[0]) => void | Promise<void>
}

/** One matter of a conversation. Those that the client can ask something of have `handlers`, too. */
export interface Lane {
  /** Tells of this session, from how it is now, until that is called off; then of the one that takes its place. */
  follow(session: StreamSession): Unsubscribe
  /** The conversation ends. */
  close(): void
}
