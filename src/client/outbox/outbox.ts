import { Writable, type Readable } from '../../kernel/readable.ts'
import {
  maxDeliveries,
  maxTextUnits,
  type DeliveredMessage,
  type DeliverMessage,
} from '../../wire/signal/deliveries.ts'
import type { Delivery } from '../../domain/delivery.ts'
import { ClientError } from '../contract/client-error.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'

type WithoutSequence<Each> = Each extends unknown ? Omit<Each, 'sequence'> : never

/** What is to be done exactly once, before it has its number. */
export type NewDelivery = WithoutSequence<Delivery>

export interface OutboxOptions {
  /** Goes on where it was before the page was loaded again. */
  readonly kept?: KeptOutbox | undefined
  /** False when there is nobody to tell now. */
  readonly tell: (message: DeliverMessage) => boolean
  /** A new unguessable id. */
  readonly newId: () => string
  /** Something was refused, by the host or for want of room. */
  readonly onRefused: (error: ClientError) => void
}

/** What an outbox was like when its page went. */
export interface KeptOutbox {
  readonly id: string
  readonly nextSequence: number
  readonly sentThrough: number
  readonly items: Delivery[]
}

/** More waiting texts than anybody writes while away; the oldest that was never sent gives way. */
const capacity = 256
const capacityUnits = 256 * 1024
/** Leaves room in a message, however its characters are escaped. */
const maxBatchUnits = 16 * 1024

/**
 * What is sent exactly once and in order, now or when there is a connection again: a queue of {@link capacity} deliveries
 * and {@link capacityUnits} UTF-16 units of text, whose oldest one that was never sent is refused when there is no room.
 * One message is under way at a time; it is sent again until the host says that it is done, also to another session.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #items: Writable<readonly Delivery[]>
  /** Those that wait for an item of this page; what was put before the page was loaded again has none. */
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>()
  #id: string
  #nextSequence: number
  /** Up to here the host may have done it. */
  #sentThrough: number
  /** The last of the message that is under way. */
  #underWay: number | undefined
  #isOnline = false
  /** Why nothing is sent any more; undefined until then. */
  #ended: ClientError | undefined

  constructor(options: OutboxOptions) {
    const { id, nextSequence, sentThrough, items } = options.kept ?? newOutbox(options.newId())
    this.#options = options
    this.#items = new Writable<readonly Delivery[]>(items, reportUncaught)
    this.#id = id
    this.#nextSequence = nextSequence
    this.#sentThrough = sentThrough
  }

  /** What is not known to be done, oldest first. */
  get items(): Readable<readonly Delivery[]> {
    return this.#items
  }

  /** Resolves when it is done; rejects with a ClientError when it is refused, or nobody can know any more. */
  put(what: NewDelivery): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    // Whoever awaits it gets the error; nobody has to.
    waiting.promise.catch(() => {})
    if (this.#ended) {
      waiting.reject(this.#ended)
      return waiting.promise
    }
    const units = unitsOf(what)
    if (units > maxTextUnits) {
      waiting.reject(
        new ClientError('too-large', `Cannot send the text: it has ${units} of ${maxTextUnits} characters`),
      )
      return waiting.promise
    }
    if ('text' in what && units === 0) {
      waiting.reject(new ClientError('invalid-argument', 'Cannot send the text: it is empty'))
      return waiting.promise
    }
    const item = { ...what, sequence: this.#nextSequence++ }
    this.#waiting.set(item.sequence, waiting)
    this.#items.set([...this.#items.value, item])
    this.#makeRoom()
    this.#proceed()
    return waiting.promise
  }

  /** There is a host to tell. */
  greeted(): void {
    this.#isOnline = true
    this.#underWay = undefined
    this.#proceed()
  }

  /** There is none: what is under way may have arrived or not. */
  unsignalled(): void {
    this.#isOnline = false
    this.#underWay = undefined
  }

  receive({ through, refused }: DeliveredMessage): void {
    if (this.#underWay === undefined) return
    const last = Math.min(through, this.#underWay)
    this.#underWay = undefined
    const done = this.#items.value.filter(({ sequence }) => sequence <= last)
    this.#items.set(this.#items.value.slice(done.length))
    for (const { sequence } of done) {
      const refusal = refused.find((one) => one.sequence === sequence)
      if (refusal) this.#refuse(sequence, new ClientError('host-error', refusal.message, { hostCode: refusal.code }))
      else this.#settle(sequence)?.resolve()
    }
    this.#proceed()
  }

  /** Nobody will be there to be told. What waits is kept all the same, in case there is. */
  drop(error: ClientError): void {
    this.#ended = error
    this.#rejectAll(error)
  }

  /** Somebody else goes on with what waits here, and with its numbers. */
  beginAnew(): void {
    this.#rejectAll(new ClientError('superseded', 'Another page of this tab has taken over what waited to be sent'))
    const { id, nextSequence, sentThrough, items } = newOutbox(this.#options.newId())
    this.#id = id
    this.#nextSequence = nextSequence
    this.#sentThrough = sentThrough
    // What is under way is still answered, and says nothing of what comes now.
    if (this.#underWay !== undefined) this.#underWay = 0
    this.#items.set(items)
  }

  #rejectAll(error: ClientError): void {
    for (const { sequence } of this.#items.value) this.#settle(sequence)?.reject(error)
  }

  keep(): KeptOutbox {
    const [nextSequence, sentThrough] = [this.#nextSequence, this.#sentThrough]
    return { id: this.#id, nextSequence, sentThrough, items: [...this.#items.value] }
  }

  #proceed(): void {
    if (!this.#isOnline || this.#underWay !== undefined) return
    const deliveries = batchOf(this.#items.value)
    const last = deliveries.at(-1)?.sequence
    if (last === undefined) return
    if (!this.#options.tell({ type: 'deliver', outbox: this.#id, deliveries })) return
    this.#underWay = last
    this.#sentThrough = Math.max(this.#sentThrough, last)
  }

  #makeRoom(): void {
    for (;;) {
      const items = this.#items.value
      const units = items.reduce((sum, item) => sum + unitsOf(item), 0)
      if (items.length <= capacity && units <= capacityUnits) return
      const oldest = items.find(({ sequence }) => sequence > this.#sentThrough)
      if (!oldest) return
      this.#items.set(items.filter((item) => item !== oldest))
      const full = 'Too much waits to be sent: the oldest of it was dropped'
      this.#refuse(oldest.sequence, new ClientError('queue-full', full))
    }
  }

  #refuse(sequence: number, error: ClientError): void {
    this.#settle(sequence)?.reject(error)
    this.#options.onRefused(error)
  }

  #settle(sequence: number): PromiseWithResolvers<void> | undefined {
    const waiting = this.#waiting.get(sequence)
    this.#waiting.delete(sequence)
    return waiting
  }
}

function newOutbox(id: string): KeptOutbox {
  return { id, nextSequence: 1, sentThrough: 0, items: [] }
}

function unitsOf(what: NewDelivery): number {
  return 'text' in what ? what.text.length : 0
}

/** The next ones, as many as a message takes; at least one. */
function batchOf(items: readonly Delivery[]): Delivery[] {
  let units = 0
  const next = items.slice(0, maxDeliveries)
  const end = next.findIndex((item, index) => (units += unitsOf(item)) > maxBatchUnits && index > 0)
  return end < 0 ? next : next.slice(0, end)
}
