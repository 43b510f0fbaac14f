import type { Unsubscribe } from './readable.ts'

/** The shape of a domain event: one member of a discriminated union. */
export interface DomainEvent {
  readonly type: string
}

/**
 * One typed bus for one union of domain events. Delivery is synchronous and in order of emission, also for events
 * emitted by a listener: those are delivered after the present one has reached everybody. A listener that throws hurts
 * nobody else; its error goes to `onListenerError`.
 */
export class EventBus<Event extends DomainEvent> {
  readonly #listeners = new Set<(event: Event) => void>()
  readonly #onListenerError: (error: unknown, event: Event) => void
  readonly #queue: Event[] = []
  #delivering = false

  constructor(onListenerError: (error: unknown, event: Event) => void) {
    this.#onListenerError = onListenerError
  }

  emit(event: Event): void {
    this.#queue.push(event)
    if (this.#delivering) return
    this.#delivering = true
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#deliver(next)
    } finally {
      this.#delivering = false
    }
  }

  /** Listens to every event. */
  subscribe(listener: (event: Event) => void): Unsubscribe {
    const entry = (event: Event) => listener(event)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  /** Listens to the events of one type. */
  on<Type extends Event['type']>(type: Type, listener: (event: Extract<Event, { type: Type }>) => void): Unsubscribe {
    return this.subscribe((event) => {
      if (event.type === type) listener(event as Extract<Event, { type: Type }>)
    })
  }

  #deliver(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#onListenerError(error, event)
      }
    }
  }
}
