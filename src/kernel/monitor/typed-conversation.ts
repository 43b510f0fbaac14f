import type { Body, Choice, Loop } from '../protocol/notation.ts'
import type { Protocol } from '../protocol/protocol.ts'
import type { PayloadOf } from '../protocol/schema.ts'
import type { Unsaid } from '../protocol/typed-local.ts'
import type { Conversation } from './conversation.ts'

/** What the compiler knows of a conversation: its roles, and what each of them says. */
export type RoleOf<C extends Conversation> = C['roles'][number]

/** The other role. */
export type PeerOf<C extends Conversation, R extends RoleOf<C>> = Exclude<RoleOf<C>, R>

/** Label -> payload of everything that a role says. */
export type WordsOf<C extends Conversation, R extends RoleOf<C>> = {
  readonly [Entry in EntriesOf<C['protocols'][number], R> as Entry[0]]: Entry[1]
}

/** Everything that a role says. */
export type SaidBy<C extends Conversation, R extends RoleOf<C>> = WordsOf<C, R>[keyof WordsOf<C, R>]

/** What holds one end of a live wire to its conversation, for the words that it has and no others. */
export interface TypedMonitor<C extends Conversation, R extends RoleOf<C>> {
  /** This end sends. Throws a ProtocolViolation where that may not be sent now. */
  sent(label: keyof WordsOf<C, R> & string): unknown
  /** This end receives; as {@link sent}. */
  received(label: keyof WordsOf<C, PeerOf<C, R>> & string): unknown
}

/** A branch for everything that a role hears: one that is missing, or too many, does not compile. */
export type Handlers<C extends Conversation, R extends RoleOf<C>, Result = void> = {
  readonly [Label in keyof WordsOf<C, PeerOf<C, R>>]: (message: WordsOf<C, PeerOf<C, R>>[Label]) => Result
}

/** What a message has beside the `type` that is its label; nothing to be given where that is all. */
export type ContentsOf<Message> = Message extends unknown
  ? keyof Message extends 'type'
    ? []
    : [contents: Omit<Message, 'type'>]
  : never

type EntriesOf<P, From extends string> = P extends Protocol<readonly string[], infer B> ? EntriesIn<B, From> : never

/** A body that the compiler knows nothing of is not looked into: it would have no end. */
type EntriesIn<B extends Body, From extends string> = Body extends B
  ? readonly [string, unknown]
  : EntriesAt<B[number], From>

/** The branches by which a role goes on without its peer, because it is lost or late. */
export type MissedBy<C extends Conversation, R extends RoleOf<C>> = C['protocols'][number] extends infer P
  ? P extends Protocol<readonly string[], infer B>
    ? MissedIn<B, R>
    : never
  : never

type MissedIn<B extends Body, To extends string> = Body extends B ? string : MissedAt<B[number], To>

type MissedAt<S, To extends string> =
  S extends Choice<string, infer At, infer Branches>
    ?
        | (At extends To
            ? { [Label in keyof Branches & string]: Branches[Label] extends Unsaid ? Label : never }[keyof Branches &
                string]
            : never)
        | MissedIn<Branches[keyof Branches]['body'], To>
    : S extends Loop<string, infer Inner>
      ? MissedIn<Inner, To>
      : never

type EntriesAt<S, From extends string> =
  S extends Choice<infer By, string, infer Branches>
    ?
        | (By extends From
            ? {
                [Label in keyof Branches & string]: Branches[Label] extends Unsaid
                  ? never
                  : readonly [Label, PayloadOf<Branches[Label]['payload']>]
              }[keyof Branches & string]
            : never)
        | EntriesIn<Branches[keyof Branches]['body'], From>
    : S extends Loop<string, infer Inner>
      ? EntriesIn<Inner, From>
      : never
