import type { Conversation, Monitor } from './conversation.ts'
import type { ContentsOf, Handlers, PeerOf, RoleOf, SaidBy, WordsOf } from './typed-conversation.ts'

/** A message of a wire whose messages name their label in a field `type`. */
interface Labelled {
  readonly type: string
}

type AnyHandlers = Readonly<Record<string, (message: never) => void>>

export interface PeerOptions<C extends Conversation, R extends RoleOf<C>> {
  /** Declares the words; its run-time part is the watch. */
  readonly conversation: C
  readonly role: R
  readonly watch: Monitor
  /** Hands a message to the wire. */
  readonly write: (message: SaidBy<C, R>) => void
}

/**
 * Takes what comes for a role, by its label: asks whether it may come now, and hands it to its handler. What it returns throws
 * a ProtocolViolation, and what the handler throws.
 */
export function receiver<C extends Conversation, R extends RoleOf<C>>(
  _conversation: C,
  _role: R,
  watch: Monitor,
  handlers: Handlers<C, R>,
): <Label extends keyof WordsOf<C, PeerOf<C, R>> & string>(
  label: Label,
  message: WordsOf<C, PeerOf<C, R>>[Label],
) => void {
  const byLabel = handlers as AnyHandlers
  return (label, message) => {
    watch.received(label)
    byLabel[label]?.(message as never)
  }
}

/** As {@link receiver}, for messages that name their label in a field `type`. */
export function typedReceiver<C extends Conversation, R extends RoleOf<C>>(
  conversation: C,
  role: R,
  watch: Monitor,
  handlers: Handlers<C, R>,
): (message: SaidBy<C, PeerOf<C, R>>) => void {
  const receive = receiver(conversation, role, watch, handlers) as (label: string, message: unknown) => void
  return (message) => receive((message as Labelled).type, message)
}

/**
 * One end of a live wire, typed by its conversation: it says only what the conversation has, and has a handler for everything
 * that it may hear. What comes is decoded before, by the schemas of the declaration.
 */
export class ConversationPeer<C extends Conversation, R extends RoleOf<C>> {
  readonly #options: PeerOptions<C, R>
  #hear: (message: SaidBy<C, PeerOf<C, R>>) => void = () => {}

  constructor(options: PeerOptions<C, R>) {
    this.#options = options
  }

  /** What is done with each message, in the place of what was to be done before. */
  on(handlers: Handlers<C, R>): this {
    const { conversation, role, watch } = this.#options
    this.#hear = typedReceiver(conversation, role, watch, handlers)
    return this
  }

  /** Sends a message of that label. Throws a ProtocolViolation where it may not be sent now. */
  send<Label extends keyof WordsOf<C, R> & string>(label: Label, ...contents: ContentsOf<WordsOf<C, R>[Label]>): void {
    this.say({ type: label, ...contents[0] } as unknown as SaidBy<C, R>)
  }

  /** Sends a message that says by itself what it is; as {@link send}. */
  say(message: SaidBy<C, R>): void {
    this.#options.watch.sent((message as Labelled).type)
    this.#options.write(message)
  }

  /** Takes a message that came. Throws a ProtocolViolation where it may not come now, and what its handler throws. */
  receive(message: SaidBy<C, PeerOf<C, R>>): void {
    this.#hear(message)
  }
}
