import type { ApiEvent } from '../../wire/api/resources.ts'

/** An event as it was told. */
export interface ToldEvent {
  /** Goes into the `id` field of the stream. */
  readonly id: string
  readonly event: ApiEvent
  /** The lobby that it is about; undefined for what is told to those who manage sessions. */
  readonly lobbyId: string | undefined
}

export interface HistoryLimits {
  /** Events that are remembered; the oldest is forgotten for one more. */
  readonly events: number
  /** Characters of JSON that are told at once to somebody who comes back; who missed more has to ask anew. */
  readonly replayChars: number
}

export const defaultHistoryLimits: HistoryLimits = { events: 1024, replayChars: 128 * 1024 }

/**
 * The last events, so that a client that was cut off can be told what it missed. An id is the name of this history
 * and a number that counts up: ids of another one, from before a restart for instance, are not mistaken for ours.
 */
export class EventHistory {
  readonly #name: string
  readonly #limits: HistoryLimits
  readonly #events: ToldEvent[] = []
  #count = 0

  /** `name` is to be another one each time, of letters and digits. */
  constructor(name: string, limits: HistoryLimits = defaultHistoryLimits) {
    this.#name = name
    this.#limits = limits
  }

  /** Where whoever has been told everything stands. */
  get lastId(): string {
    return `${this.#name}-${this.#count}`
  }

  add(event: ApiEvent, lobbyId: string | undefined): ToldEvent {
    this.#count++
    const told: ToldEvent = { id: this.lastId, event, lobbyId }
    this.#events.push(told)
    if (this.#events.length > this.#limits.events) this.#events.shift()
    return told
  }

  /**
   * What came after `id` and may be seen, oldest first; of several that tell of the same lobby, session or setting only the last.
   * Undefined when that is not known any more, or too much.
   */
  since(id: string, maySee: (told: ToldEvent) => boolean): readonly ToldEvent[] | undefined {
    const missed = this.#missedSince(id)
    if (missed === undefined || missed > this.#events.length) return undefined
    const latest = new Map<string, ToldEvent>()
    for (const told of this.#events.slice(this.#events.length - missed)) {
      if (!maySee(told)) continue
      const subject = subjectOf(told.event)
      // Taken out first, so that it moves to the end.
      latest.delete(subject)
      latest.set(subject, told)
    }
    const events = [...latest.values()]
    const chars = events.reduce((sum, { event }) => sum + JSON.stringify(event).length, 0)
    return chars > this.#limits.replayChars ? undefined : events
  }

  /** How many events came after `id`; undefined for an id that was not given here. */
  #missedSince(id: string): number | undefined {
    const dash = id.lastIndexOf('-')
    const number = id.slice(dash + 1)
    if (id.slice(0, dash) !== this.#name || !/^\d{1,15}$/.test(number)) return undefined
    const missed = this.#count - Number(number)
    return missed < 0 ? undefined : missed
  }
}

function subjectOf(event: ApiEvent): string {
  switch (event.type) {
    case 'lobby':
      return `lobby ${event.lobby.id}`
    case 'lobby-ended':
      return `lobby ${event.lobbyId}`
    case 'app':
      return `app ${event.app.id}`
    case 'app-removed':
      return `app ${event.appId}`
    case 'session':
      return `session ${event.session.id}`
    case 'session-ended':
      return `session ${event.sessionId}`
    case 'setting':
      return `setting ${event.setting.name}`
    case 'party':
      return 'party'
  }
}
