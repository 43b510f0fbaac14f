import type { Conversation } from '../../../src/kernel/monitor/conversation.ts'
import { Monitor, planMonitor } from '../../../src/kernel/monitor/monitor.ts'
import type { Messages, Order } from '../../../src/kernel/monitor/order.ts'
import type { Act } from './machine-play.ts'

/**
 * Judges what one end of a conversation sees, by the declaration as it is read: a monitor for each protocol, and the orders
 * by looking through all that was said. It is slow, and knows nothing of tables and bits.
 */
export class PlainJudge {
  readonly #conversation: Conversation
  readonly #role: string
  readonly #peer: string
  readonly #monitors: readonly Monitor[]
  readonly #said: { readonly from: string; readonly label: string }[] = []

  constructor(conversation: Conversation, role: string) {
    this.#conversation = conversation
    this.#role = role
    this.#peer = conversation.roles.find((other) => other !== role) ?? ''
    this.#monitors = conversation.protocols.map((protocol) => new Monitor(planMonitor(protocol, role)))
  }

  isAllowed(act: Act): boolean {
    const from = act.direction === 'sent' ? this.#role : this.#peer
    return (
      this.#ownerOf(act) !== undefined &&
      this.#conversation.orders.every((order) => this.#holds(order, from, act.label))
    )
  }

  happened(act: Act): void {
    this.#ownerOf(act)?.[act.direction](this.#peer, act.label)
    this.#said.push({ from: act.direction === 'sent' ? this.#role : this.#peer, label: act.label })
  }

  #ownerOf({ direction, label }: Act): Monitor | undefined {
    return this.#monitors.find(({ expected }) =>
      expected.some((each) => each.direction === direction && each.label === label),
    )
  }

  #holds(order: Order, from: string, label: string): boolean {
    if (!isAmong(order.what, from, label)) return true
    if (order.kind === 'after') return this.#said.some((each) => isAmong(order.first, each.from, each.label))
    if (order.kind === 'until') {
      // The other end may not have heard the end of it when it said this.
      const known = this.#said.filter((each) => each.from === from || from === this.#role)
      return !known.some((each) => isAmong(order.end, each.from, each.label))
    }
    const since = this.#said.findLastIndex((each) => isAmong(order.per, each.from, each.label))
    const count = this.#said.slice(since + 1).filter((each) => isAmong(order.what, each.from, each.label)).length
    return count < order.count
  }
}

function isAmong(messages: Messages, from: string, label: string): boolean {
  const labels = messages[from]
  if (labels === undefined) return false
  return 'allBut' in labels ? !labels.allBut.includes(label) : labels.includes(label)
}
