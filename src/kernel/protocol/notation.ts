import { nothing, type Schema } from './schema.ts'

/**
 * The notation for global types. A body is a sequence of steps; a step is a choice (one message from one role to another,
 * whose label decides how it goes on), a named loop, or a jump back to the start of one. Steps behind a choice or a loop
 * continue every branch that does not end in a jump. The empty rest is the end. It is plain data: declaring does nothing
 * but check.
 */
export type Step<R extends string = string> = Choice<R, R> | Loop<string, Body<R>> | Again
export type Body<R extends string = string> = readonly Step<R>[]

/** One of the ways a choice can go. */
export interface Branch<P extends Schema<unknown> = Schema<unknown>, B extends Body = Body> {
  readonly payload: P
  readonly body: B
  /** There when it is what the receiver does without its sender; see {@link lost}. */
  readonly lost?: Loss
  /** There when it is what the receiver does without the message; see {@link late}. */
  readonly late?: Lateness
}

/** When a peer counts as lost: when that is told, and when the receiver has waited for so long. */
export interface Loss {
  readonly afterMs?: number
}

/** For how long the receiver waits before it goes on without the message. */
export interface Lateness {
  readonly afterMs: number
}

/** A labelled message from one role to another: the global type `from -> to : { label(payload). body, ... }`. */
export interface Choice<
  From extends string = string,
  To extends string = string,
  Branches extends Readonly<Record<string, Branch>> = Readonly<Record<string, Branch>>,
> {
  readonly kind: 'choice'
  readonly from: From
  readonly to: To
  readonly branches: Branches
}

export interface Loop<Name extends string = string, B extends Body = Body> {
  readonly kind: 'loop'
  readonly name: Name
  readonly body: B
}

export interface Again<Name extends string = string> {
  readonly kind: 'again'
  readonly name: Name
}

/** A message with one possible label; without a schema it carries nothing. */
export function message<const From extends string, const To extends string, const Label extends string>(
  from: From,
  to: To,
  label: Label,
): Choice<From, To, { readonly [L in Label]: Branch<Schema<undefined, undefined>, readonly []> }>
export function message<
  const From extends string,
  const To extends string,
  const Label extends string,
  P extends Schema<unknown>,
>(from: From, to: To, label: Label, payload: P): Choice<From, To, { readonly [L in Label]: Branch<P, readonly []> }>
export function message(from: string, to: string, label: string, payload: Schema<unknown> = nothing): Choice {
  return { kind: 'choice', from, to, branches: { [label]: { payload, body: [] } } }
}

/** A message whose label `from` chooses; `to` is told by receiving it, everybody else by what follows. */
export function choice<
  const From extends string,
  const To extends string,
  const Branches extends Readonly<Record<string, Branch>>,
>(from: From, to: To, branches: Branches): Choice<From, To, Branches> {
  return { kind: 'choice', from, to, branches }
}

/** One way of a {@link choice}: what its message carries, then how it goes on. */
export function branch(): Branch<Schema<undefined, undefined>, readonly []>
export function branch<const B extends Body>(body: B): Branch<Schema<undefined, undefined>, B>
export function branch<P extends Schema<unknown>>(payload: P): Branch<P, readonly []>
export function branch<P extends Schema<unknown>, const B extends Body>(payload: P, body: B): Branch<P, B>
export function branch(first: Schema<unknown> | Body = nothing, second: Body = []): Branch {
  return isBody(first) ? { payload: nothing, body: first } : { payload: first, body: second }
}

/** A body that can be begun again by its name. Coming to its end without a jump leaves it. */
export function loop<const Name extends string, const B extends Body>(name: Name, body: B): Loop<Name, B> {
  return { kind: 'loop', name, body }
}

/** Jumps to the start of the loop of that name, which must be around it. */
export function again<const Name extends string>(name: Name): Again<Name> {
  return { kind: 'again', name }
}

/** A body that begins again whenever it comes to its end, and is never left. */
export function forever<const B extends Body>(body: B): Forever<B> {
  return loop('forever', [...body, again('forever')])
}

/** What {@link forever} stands for. */
export type Forever<B extends Body> = Loop<'forever', readonly [...B, Again<'forever'>]>

/**
 * One way of a {@link choice}: what its receiver goes on with when the sender is lost (crash-stop, as in Barwell, Scalas,
 * Yoshida and Zhou: Generalised multiparty session types with crash-stop failures). Nobody sends its label. The sender does
 * nothing in what follows. With `afterMs` the step has a time limit: a receiver that has waited for so long takes its sender for lost.
 */
export function lost(): Branch<Schema<undefined, undefined>, readonly []> & { readonly lost: Loss }
export function lost<const B extends Body>(
  body: B,
  afterMs?: number,
): Branch<Schema<undefined, undefined>, B> & { readonly lost: Loss }
export function lost(body: Body = [], afterMs?: number): Branch & { readonly lost: Loss } {
  return { payload: nothing, body, lost: afterMs === undefined ? {} : { afterMs } }
}

/**
 * One way of a {@link choice}: what its receiver goes on with when it has waited for `afterMs`. Nobody sends its label. The sender
 * is still there and knows nothing of it: it says what it has to say, which is dropped when it comes, and has to be told by what
 * follows, like everybody else. A receiver is not kept waiting by two messages at once: while one that was late is still to come
 * from the same sender, no other time limit of it begins.
 */
export function late<const B extends Body>(
  body: B,
  afterMs: number,
): Branch<Schema<undefined, undefined>, B> & { readonly late: Lateness } {
  return { payload: nothing, body, late: { afterMs } }
}

/** When a branch that nobody sends is taken, in words. */
export function describeUnsaid(from: string, { lost: loss, late: delay }: Pick<Branch, 'lost' | 'late'>): string {
  if (delay) return `${from} is late by ${delay.afterMs} ms`
  return loss?.afterMs === undefined ? `${from} is lost` : `${from} is lost, or silent for ${loss.afterMs} ms`
}

function isBody(value: Schema<unknown> | Body): value is Body {
  return Array.isArray(value)
}
