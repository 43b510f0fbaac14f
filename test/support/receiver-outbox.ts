import { randomBytes } from 'node:crypto'
import type { DeliveredMessage } from '../../src/wire/signal/deliveries.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { RtcReceiver } from './rtc-receiver.ts'

type WithoutSequence<Each> = Each extends unknown ? Omit<Each, 'sequence'> : never
export type NewDelivery = WithoutSequence<Delivery>

/** What a receiver has done exactly once: one message under way at a time. */
export class ReceiverOutbox {
  readonly #receiver: RtcReceiver
  readonly #outbox = randomBytes(16).toString('hex')
  #sequence = 0
  #before: Promise<unknown> = Promise.resolve()

  constructor(receiver: RtcReceiver) {
    this.#receiver = receiver
  }

  deliver(what: NewDelivery): Promise<DeliveredMessage> {
    const receiver = this.#receiver
    const sequence = ++this.#sequence
    const find = () => receiver.messages.find((message) => message.type === 'delivered' && message.through === sequence)
    const done = this.#before.then(async () => {
      receiver.send({ type: 'deliver', outbox: this.#outbox, deliveries: [{ ...what, sequence }] })
      await receiver.until(() => find() !== undefined, `delivery ${sequence}`)
      return find() as DeliveredMessage
    })
    this.#before = done.catch(() => {})
    return done
  }
}
