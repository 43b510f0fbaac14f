import type { Again, Body, Branch, Choice, Lateness, Loop, Loss } from './notation.ts'
import type { InputOf, PayloadOf, Schema } from './schema.ts'

/**
 * Projection at the level of types: what the compiler knows of a role's next action. A point is a body (what is left to
 * do, outer continuations appended) and the loops that are open around it; it is evaluated one action at a time, so
 * recursion costs nothing until it is used.
 */
export interface PointType<B extends Body = Body, Loops extends LoopTable = LoopTable> {
  readonly body: B
  readonly loops: Loops
}

/** What follows each open loop's start, the loop itself first. */
export type LoopTable = Readonly<Record<string, Body>>

/** The point at which a conversation begins. */
export type StartOf<B extends Body> = PointType<B, NoLoops>
type NoLoops = { readonly [Name in never]: Body }

/** Role `R`'s next action at a point: one of these, or a union of `ReceiveAction`s when others decide. */
export interface SendAction<To extends string, Branches> {
  readonly kind: 'send'
  readonly to: To
  readonly branches: Branches
}
export interface ReceiveAction<From extends string, Branches> {
  readonly kind: 'receive'
  readonly from: From
  readonly branches: Branches
}
export interface EndAction {
  readonly kind: 'end'
}

/** The labelled ways of a choice: what is sent, what is received of it, and the point behind. */
type Ways<Branches extends Readonly<Record<string, Branch>>, Rest extends Body, Loops extends LoopTable> = {
  readonly [Label in keyof Branches]: {
    readonly input: InputOf<Branches[Label]['payload']>
    readonly payload: PayloadOf<Branches[Label]['payload']>
    readonly next: PointType<readonly [...Branches[Label]['body'], ...Rest], Loops>
  }
}

/** What its sender may choose: all but what is taken when the sender is lost, or late. */
type Spoken<Branches extends Readonly<Record<string, Branch>>> = {
  readonly [Label in keyof Branches as Branches[Label] extends Unsaid ? never : Label]: Branches[Label]
}
export type Unsaid = { readonly lost: Loss } | { readonly late: Lateness }

/** The branches that are taken when the sender is late: it is then where they lead, and cannot tell. */
type Late<Branches extends Readonly<Record<string, Branch>>> = {
  [Label in keyof Branches]: Branches[Label] extends { readonly late: Lateness } ? Branches[Label] : never
}[keyof Branches]

/** The ways of a sender: behind each it is where that leads, or where it leads to be late. */
type SpokenWays<Branches extends Readonly<Record<string, Branch>>, Rest extends Body, Loops extends LoopTable> = {
  readonly [Label in keyof Spoken<Branches>]: {
    readonly input: InputOf<Branches[Label]['payload']>
    readonly payload: PayloadOf<Branches[Label]['payload']>
    readonly next: After<Branches[Label] | Late<Branches>, Rest, Loops>
  }
}
type After<B, Rest extends Body, Loops extends LoopTable> =
  B extends Branch<Schema<unknown>, infer Then> ? PointType<readonly [...Then, ...Rest], Loops> : never

/** A loop that is open hides one of the same name that was left before. */
type Opened<Loops extends LoopTable, Name extends string, B extends Body> = {
  readonly [Each in keyof Loops | Name]: Each extends Name ? B : Loops[Each]
}

/** `Idle` names the loops begun again without an action of `R`: meeting one twice adds nothing. */
export type ActionAt<P extends PointType, R extends string, Idle extends string = never> =
  P extends PointType<infer B, infer Loops> ? ActionIn<B, Loops, R, Idle> : never

type ActionIn<B extends Body, Loops extends LoopTable, R extends string, Idle extends string> = B extends readonly [
  infer First,
  ...infer Rest extends Body,
]
  ? First extends Choice<infer From, infer To, infer Branches>
    ? R extends From
      ? SendAction<To, SpokenWays<Branches, Rest, Loops>>
      : R extends To
        ? ReceiveAction<From, Ways<Branches, Rest, Loops>>
        : {
            [Label in keyof Branches]: ActionIn<readonly [...Branches[Label]['body'], ...Rest], Loops, R, Idle>
          }[keyof Branches]
    : First extends Loop<infer Name, infer Inner>
      ? ActionIn<readonly [...Inner, ...Rest], Opened<Loops, Name, readonly [First, ...Rest]>, R, Idle>
      : First extends Again<infer Name>
        ? Name extends Idle
          ? never
          : ActionIn<Loops[Name], Loops, R, Idle | Name>
        : never
  : EndAction
