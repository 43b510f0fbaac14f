/**
 * What holds across the protocols of one conversation. A protocol orders the messages of one concern; these order the
 * concerns: what comes only after something, only until something, at most so often, or first if at all.
 *
 * The two ends of a wire see what crosses on it in different orders, so each is watched where it can be judged: what one role
 * says about its own words, at both ends; *after* a word of the other, at both ends too, since whoever said that word knows
 * that it came first; *until* a word of the other, at the end that speaks, since its last messages may still be under way.
 */
export type Order =
  | { readonly kind: 'after'; readonly first: Messages; readonly what: Messages }
  | { readonly kind: 'until'; readonly end: Messages; readonly what: Messages; readonly why: UntilReason }
  | { readonly kind: 'at-most'; readonly count: number; readonly what: Messages; readonly per: Messages }

type UntilReason = 'until' | 'first' | 'last'

/** Messages of a conversation: the labels of each role, or all of its labels but some. */
export type Messages = Readonly<Record<string, readonly string[] | AllBut>>

export interface AllBut {
  readonly allBut: readonly string[]
}

/** All that a role says, with exceptions. */
export function allBut(...labels: string[]): AllBut {
  return { allBut: labels }
}

/** `what` comes only when one of `first` has come. */
export function after(first: Messages, what: Messages): Order {
  return { kind: 'after', first, what }
}

/** `what` comes only while none of `end` has come. */
export function until(end: Messages, what: Messages): Order {
  return { kind: 'until', end, what, why: 'until' }
}

/** At most `count` of `what` in the whole conversation, or since the last of `per`, which the same role says. */
export function atMost(count: number, what: Messages, per: Messages = {}): Order {
  return { kind: 'at-most', count, what, per }
}

/** A role says this before all else or not at all, and once; what it says of `besides` does not count. */
export function onlyFirst(role: string, label: string, besides: readonly string[] = []): Order {
  return { kind: 'until', end: { [role]: allBut(...besides) }, what: { [role]: [label] }, why: 'first' }
}

/** A role says nothing more when it has said this. */
export function last(role: string, label: string): Order {
  return { kind: 'until', end: { [role]: [label] }, what: { [role]: allBut() }, why: 'last' }
}

/** An order in words. */
export function describeOrder(order: Order): string {
  const what = namesOf(order.what)
  if (order.kind === 'after') return `${what} only after ${namesOf(order.first)}`
  if (order.kind === 'at-most') {
    const isPer = Object.keys(order.per).length > 0
    return `at most ${order.count} of ${what}${isPer ? ` for each ${namesOf(order.per)}` : ''}`
  }
  if (order.why === 'first') return `${what} first or not at all`
  return order.why === 'last'
    ? `${namesOf(order.end)} is the last of what it says`
    : `${what} only until ${namesOf(order.end)}`
}

/** The messages as people name them: `"offer" of client`. */
export function namesOf(set: Messages): string {
  return Object.entries(set)
    .map(([from, labels]) => {
      if (!('allBut' in labels)) return `${labels.map((label) => `"${label}"`).join(', ')} of ${from}`
      const besides = labels.allBut.map((label) => `"${label}"`).join(', ')
      return besides === '' ? `anything of ${from}` : `anything of ${from} but ${besides}`
    })
    .join(' or ')
}
