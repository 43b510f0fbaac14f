import { ProtocolError } from '../protocol/protocol-error.ts'
import { type Messages, namesOf, type Order } from './order.ts'

/** One message of a conversation: who says it, and its label. */
export interface WireMessage {
  readonly from: string
  readonly label: string
}

/**
 * The orders of a conversation as one end watches them, made once: what has happened is bits of one number, and how often, in
 * a few counters. The arrays are numbered like the messages that they were compiled for.
 */
export interface OrderTable {
  /** Bits that must be set before the message. */
  readonly needs: Int32Array
  /** Bits that must not be set before the message. */
  readonly bars: Int32Array
  /** Bits that the message sets. */
  readonly sets: Int32Array
  /** The counters, as bits, that the message raises, and those that it sets to nothing. */
  readonly counts: Int32Array
  readonly resets: Int32Array
  /** The most that each counter may come to. */
  readonly limits: Int32Array
  /** How many bits there are. */
  readonly bits: number
  /** For each bit, what is wrong with a message that it is in the way of. */
  readonly reasons: readonly string[]
  /** For each counter. */
  readonly countReasons: readonly string[]
}

/** A number holds as many bits without turning negative. */
const mostBits = 31

/**
 * Compiles the orders as `role` can watch them (`order.ts`). Throws a {@link ProtocolError} `unknown-message` for a message that
 * the conversation does not have, `unwatchable-order` for what the two ends would not see alike, `impossible-order` for what
 * would never let a message through.
 */
export function compileOrders(
  place: string,
  orders: readonly Order[],
  messages: readonly WireMessage[],
  role: string,
): OrderTable {
  const numbersOf = (set: Messages) => findMessages(place, set, messages)
  const column = () => new Int32Array(messages.length)
  const [needs, bars, sets, counts, resets] = [column(), column(), column(), column(), column()]
  const reasons: string[] = []
  const limits: number[] = []
  const countReasons: string[] = []
  const newBit = (reason: string): number => 1 << (reasons.push(reason) - 1)
  const mark = (array: Int32Array, numbers: readonly number[], bit: number) => {
    for (const number of numbers) array[number] = (array[number] as number) | bit
  }
  const saidBy = (numbers: readonly number[], from: string) =>
    numbers.filter((number) => messages[number]?.from === from)

  for (const order of orders) {
    const what = numbersOf(order.what)
    if (order.kind === 'after') {
      const bit = newBit(`it comes only after ${namesOf(order.first)}`)
      mark(sets, numbersOf(order.first), bit)
      mark(needs, what, bit)
    } else if (order.kind === 'until') {
      const end = numbersOf(order.end)
      for (const speaker of new Set(end.map((number) => messages[number]?.from ?? ''))) {
        const bit = newBit(untilReason(order))
        mark(sets, saidBy(end, speaker), bit)
        // What the other end says may have been under way when this one said the last of it.
        mark(bars, speaker === role ? saidBy(what, role) : what, bit)
      }
    } else {
      const per = numbersOf(order.per)
      checkCount(
        place,
        order,
        [...what, ...per].map((number) => messages[number]?.from),
      )
      const bit = 1 << (limits.push(order.count) - 1)
      countReasons.push(`${order.count} have come already`)
      mark(counts, what, bit)
      mark(resets, per, bit)
    }
  }
  if (Math.max(reasons.length, limits.length) > mostBits) {
    throw new ProtocolError('unwatchable-order', `${place}: it has more than ${mostBits} orders`)
  }
  checkPossible(place, { needs, sets }, messages)
  return {
    needs,
    bars,
    sets,
    counts,
    resets,
    limits: Int32Array.from(limits),
    bits: reasons.length,
    reasons,
    countReasons,
  }
}

function findMessages(place: string, set: Messages, messages: readonly WireMessage[]): number[] {
  return Object.entries(set).flatMap(([from, labels]) => {
    const own = messages.flatMap((message, number) => (message.from === from ? [{ ...message, number }] : []))
    const named = 'allBut' in labels ? labels.allBut : labels
    const unknown = named.find((label) => !own.some((message) => message.label === label))
    if (unknown !== undefined || own.length === 0) {
      throw new ProtocolError(
        'unknown-message',
        `${place}: an order names ${unknown === undefined ? 'messages' : `"${unknown}"`} of "${from}", who never says ${unknown === undefined ? 'anything' : 'it'}`,
      )
    }
    const isNamed = (label: string) => named.includes(label)
    return own.filter(({ label }) => isNamed(label) !== 'allBut' in labels).map(({ number }) => number)
  })
}

function checkCount(
  place: string,
  order: Extract<Order, { kind: 'at-most' }>,
  speakers: readonly (string | undefined)[],
): void {
  if (!Number.isInteger(order.count) || order.count < 1) {
    throw new ProtocolError('impossible-order', `${place}: at most ${order.count} of ${namesOf(order.what)}`)
  }
  if (new Set(speakers).size > 1) {
    throw new ProtocolError(
      'unwatchable-order',
      `${place}: ${namesOf(order.what)} cannot be counted: what two roles say crosses, and each end would count another number`,
    )
  }
}

/** Messages that wait for each other would never come. */
function checkPossible(
  place: string,
  { needs, sets }: Pick<OrderTable, 'needs' | 'sets'>,
  messages: readonly WireMessage[],
): void {
  let known = 0
  for (let before = -1; before !== known;) {
    before = known
    for (const [number, need] of needs.entries()) {
      if ((need & ~known) === 0) known |= sets[number] as number
    }
  }
  const stuck = messages.find((_message, number) => ((needs[number] as number) & ~known) !== 0)
  if (stuck) {
    throw new ProtocolError(
      'impossible-order',
      `${place}: "${stuck.label}" of ${stuck.from} can never come: what it comes after waits for it`,
    )
  }
}

function untilReason({ why, end }: Extract<Order, { kind: 'until' }>): string {
  if (why === 'first') return 'it comes first or not at all'
  return why === 'last' ? `nothing comes after ${namesOf(end)}` : `it comes only until ${namesOf(end)}`
}
