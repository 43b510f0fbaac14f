import { messageOf } from '../../kernel/coded-error.ts'
import type { PartyChange, PartyRecords } from '../../store/party-records.ts'
import type { PartyState } from '../../store/party-state.ts'
import type { PartyEvent } from '../contract/party-event.ts'
import { PartyError } from '../contract/party-error.ts'

/** What one deed changes, and what is told of it once it is durable. */
export interface Draft {
  apply(change: PartyChange): void
  tell(event: PartyEvent): void
}

interface Deed {
  /** Decides on the state as it is; throws what refuses it. */
  readonly decide: (draft: Draft) => void
  readonly settle: (error?: unknown) => void
}

/** At most so many deeds wait for the disk together; the next ones wait for the ones after. */
const mostTogether = 1024
const mostWaiting = 16_384

/**
 * One deed after the other on the state in memory, and one write for all that came while the one before was under way. A deed is
 * acknowledged and told to others once it is durable. Where the disk refuses a write, all of its deeds are undone, in reverse, and
 * rejected: nobody has built on them meanwhile.
 */
export class GroupedCommits {
  readonly #state: PartyState
  readonly #records: PartyRecords
  readonly #tell: (event: PartyEvent) => void
  #waiting: Deed[] = []
  #writing: Promise<void> | undefined

  constructor(state: PartyState, records: PartyRecords, tell: (event: PartyEvent) => void) {
    this.#state = state
    this.#records = records
    this.#tell = tell
  }

  /** Rejects with what `decide` throws, or with PartyError `not-recorded`. */
  async do<T>(decide: (draft: Draft) => T): Promise<T> {
    if (this.#waiting.length >= mostWaiting) throw new PartyError('too-many-requests', 'Too much waits for the disk')
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let result: T
    this.#waiting.push({
      decide: (draft) => void (result = decide(draft)),
      settle: (error) => (error === undefined ? resolve(result) : reject(error)),
    })
    this.#writing ??= this.#writeAll()
    return promise
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  /** Ends in the same step in which it finds nothing more: what comes a moment later begins another one. */
  async #writeAll(): Promise<void> {
    // What comes in this turn of the event loop goes together.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, mostTogether))
    this.#writing = undefined
  }

  async #write(deeds: readonly Deed[]): Promise<void> {
    const changes: PartyChange[] = []
    const undo: (() => void)[] = []
    const events: PartyEvent[] = []
    const made = deeds.filter(({ decide, settle }) => {
      const before = { changes: changes.length, undo: undo.length, events: events.length }
      try {
        decide({
          apply: (change) => {
            undo.push(this.#state.apply(change))
            changes.push(change)
          },
          tell: (event) => void events.push(event),
        })
        return true
      } catch (error) {
        for (const step of undo.splice(before.undo).toReversed()) step()
        changes.length = before.changes
        events.length = before.events
        settle(error)
        return false
      }
    })
    try {
      if (changes.length > 0) await this.#records.commit(changes)
    } catch (error) {
      for (const step of undo.toReversed()) step()
      const refused = new PartyError('not-recorded', `Nothing has changed: ${messageOf(error)}`, { cause: error })
      for (const { settle } of made) settle(refused)
      const partyIds = new Set(events.map((event) => ('party' in event ? event.party.record.id : event.partyId)))
      for (const partyId of partyIds) this.#tell({ type: 'party-undone', partyId })
      return
    }
    for (const { settle } of made) settle()
    for (const event of events) this.#tell(event)
  }
}
