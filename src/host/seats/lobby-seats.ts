import type { Clock, Timer } from '../../kernel/clock.ts'
import { Writable, type Readable } from '../../kernel/readable.ts'
import { HostError } from '../contract/host-error.ts'
import type { SeatUse } from './input-seat.ts'
import { seatIds, type KeptSeat, type Seat, type SeatId, type Seating, type SeatWish } from '../../domain/seat.ts'
import { freeSeat, isHeldBy, next, type SeatEvent, type SeatState, type Sitter } from './seat-state.ts'

/** A seat is kept for a lost session as long as its resume ticket is good. */
export const keptForMs = 60_000
/** Whoever uses a seat less often than this gives it to somebody who asks. */
export const idleHolderMs = 15_000

/** Somebody who may play, and whether keys or buttons are down for them: then they are not idle. */
export interface Occupant extends Sitter {
  readonly isBusy: (seat: SeatId) => boolean
}

export interface LobbySeatsOptions {
  readonly clock: Clock
  /** An app without a display has none. */
  readonly ids: readonly SeatId[]
  readonly seating: Seating
  /** How they were before a restart of the host. */
  readonly kept: readonly KeptSeat[]
  /** Holders, requests, locks or the seating changed. */
  readonly onChange: () => void
}

interface SeatEntry {
  state: SeatState
  lastUseMs: number
  timer: Timer | undefined
}

/** The seats of one lobby, and those in it who may play. What happens to a seat happens in one go. */
export class LobbySeats {
  readonly #options: LobbySeatsOptions
  readonly #places = new Map<SeatId, SeatEntry>()
  readonly #occupants = new Map<string, Occupant>()
  /** Sessions that have meant to play since they came, by a deed or by asking: a motion of theirs takes a free seat. */
  readonly #meaning = new Set<string>()
  readonly #view: Writable<readonly Seat[]>
  #seating: Seating

  constructor(options: LobbySeatsOptions) {
    this.#options = options
    const nowMs = options.clock.nowMs()
    for (const id of options.ids) {
      const kept = options.kept.find((seat) => seat.id === id)
      this.#places.set(id, { state: restored(kept), lastUseMs: nowMs, timer: undefined })
    }
    this.#seating = options.seating
    this.#view = new Writable(this.#look())
    for (const id of options.ids) this.#wait(id)
  }

  /** In the order of {@link seatIds}. */
  get view(): Readable<readonly Seat[]> {
    return this.#view
  }

  /** What is to be written down: seats that are nobody's and open are left out. */
  get kept(): readonly KeptSeat[] {
    return [...this.#places].flatMap(
      ([
        id,
        {
          state: { locked, tenure },
        },
      ]) => {
        const memberId =
          tenure.kind === 'held' ? tenure.by.memberId : tenure.kind === 'kept' ? tenure.memberId : undefined
        return locked || memberId !== undefined ? [{ id, locked, memberId }] : []
      },
    )
  }

  enter(occupant: Occupant): void {
    this.#occupants.set(occupant.sessionId, occupant)
    this.#applyToAll({ type: 'enter', by: occupant })
  }

  /** `lost`: it may come back, and finds its seats as they were if nobody wanted them meanwhile. */
  leave(sessionId: string, how: { readonly lost: boolean }): void {
    const occupant = this.#occupants.get(sessionId)
    if (!occupant) return
    this.#occupants.delete(sessionId)
    this.#meaning.delete(sessionId)
    this.#applyToAll({ type: how.lost ? 'lost' : 'leave', by: occupant })
  }

  holds(sessionId: string, id: SeatId): boolean {
    const place = this.#places.get(id)
    if (!place || !this.#occupants.has(sessionId)) return false
    return this.#isShared(id) || isHeldBy(place.state, { sessionId })
  }

  /**
   * Input came: whether the session may go on with it. A seat that nobody has is taken by the first deed with it (a key, a button, the
   * wheel); a pointer that is merely moved, or that a client moves by itself when it comes, takes nothing from anybody.
   */
  use(sessionId: string, { seat: id, claim }: SeatUse): boolean {
    const place = this.#places.get(id)
    const by = this.#occupants.get(sessionId)
    if (!place || !by) return false
    if (claim === 'deed') this.#meaning.add(sessionId)
    const isMeant = claim === 'deed' || (claim === 'motion' && this.#meaning.has(sessionId))
    if (isMeant && !this.#isShared(id) && place.state.tenure.kind !== 'held') {
      this.#apply(id, { type: 'input', by, deliberate: claim === 'deed' })
    }
    if (!this.holds(sessionId, id)) return false
    place.lastUseMs = this.#options.clock.nowMs()
    return true
  }

  /**
   * Does what a session wants, or without one what the owner wants from outside. Throws HostError `seat-not-found`,
   * `seat-shared`, `seat-locked`, `seat-not-held`, `not-in-lobby`. Rights are the caller's to check.
   */
  change(sessionId: string | undefined, id: SeatId, wish: SeatWish): void {
    if (!this.#places.has(id))
      throw new HostError('seat-not-found', `Cannot change the seat ${id}: this lobby has none`)
    if (this.#isShared(id)) {
      throw new HostError('seat-shared', `Cannot change the seat ${id}: everybody who may play here shares it`)
    }
    switch (wish.do) {
      case 'request':
        this.#apply(id, { type: 'request', by: this.#occupant(sessionId) })
        if (sessionId !== undefined) this.#meaning.add(sessionId)
        return this.#passOnWhenIdle(id)
      case 'release':
        return this.#apply(id, { type: 'release', by: this.#occupant(sessionId) })
      case 'hand-over':
        return this.#apply(id, { type: 'hand-over', by: this.#occupant(sessionId), to: this.#occupant(wish.to) })
      case 'grant':
        return this.#apply(id, { type: 'grant', to: this.#occupant(wish.to) })
      case 'take-back':
        return this.#apply(id, {
          type: 'take-back',
          by: sessionId === undefined ? undefined : this.#occupants.get(sessionId),
        })
      case 'lock':
      case 'unlock':
        return this.#apply(id, { type: wish.do })
    }
  }

  /** Whoever held keyboard and mouse, alone or with all others, holds them no longer. */
  setSeating(seating: Seating): void {
    if (seating === this.#seating) return
    this.#seating = seating
    const place = this.#places.get('keyboard-mouse')
    if (place) place.state = freeSeat
    this.#wait('keyboard-mouse')
    this.#tell()
  }

  /** Nothing happens by itself any more. */
  close(): void {
    for (const place of this.#places.values()) place.timer?.cancel()
  }

  #applyToAll(event: SeatEvent): void {
    let changed = false
    for (const id of this.#places.keys()) changed = this.#advance(id, event) || changed
    if (changed) this.#tell()
  }

  #apply(id: SeatId, event: SeatEvent): void {
    if (this.#advance(id, event)) this.#tell()
  }

  #advance(id: SeatId, event: SeatEvent): boolean {
    const place = this.#places.get(id)
    if (!place) return false
    const before = place.state
    place.state = next(before, event)
    if (place.state === before) return false
    if (place.state.tenure !== before.tenure) place.lastUseMs = this.#options.clock.nowMs()
    this.#wait(id)
    return true
  }

  /** Begins to wait for what ends by itself: a seat is kept for a while, and an idle holder does not keep others waiting. */
  #wait(id: SeatId): void {
    const place = this.#places.get(id)
    if (!place) return
    const { clock } = this.#options
    const { tenure, requests, locked } = place.state
    place.timer?.cancel()
    place.timer = undefined
    if (tenure.kind === 'kept') {
      place.timer = clock.after(keptForMs, () => this.#apply(id, { type: 'expired' }))
    } else if (tenure.kind === 'held' && requests.length > 0 && !locked) {
      const dueInMs = place.lastUseMs + idleHolderMs - clock.nowMs()
      place.timer = clock.after(Math.max(0, dueInMs), () => this.#passOnWhenIdle(id))
    }
  }

  #passOnWhenIdle(id: SeatId): void {
    const place = this.#places.get(id)
    if (place?.state.tenure.kind !== 'held' || place.state.requests.length === 0) return
    const nowMs = this.#options.clock.nowMs()
    if (this.#occupants.get(place.state.tenure.by.sessionId)?.isBusy(id)) place.lastUseMs = nowMs
    if (nowMs - place.lastUseMs >= idleHolderMs) this.#apply(id, { type: 'idle' })
    else this.#wait(id)
  }

  #tell(): void {
    this.#view.set(this.#look())
    this.#options.onChange()
  }

  #look(): readonly Seat[] {
    return seatIds.flatMap((id) => {
      const place = this.#places.get(id)
      if (!place) return []
      const { tenure, requests, locked } = place.state
      const holder = tenure.kind === 'held' ? tenure.by.sessionId : undefined
      return [{ id, holder, requests: requests.map(({ sessionId }) => sessionId), locked }]
    })
  }

  #isShared(id: SeatId): boolean {
    return id === 'keyboard-mouse' && this.#seating === 'shared'
  }

  #occupant(sessionId: string | undefined): Occupant {
    const occupant = sessionId === undefined ? undefined : this.#occupants.get(sessionId)
    if (occupant) return occupant
    throw new HostError('not-in-lobby', 'Cannot give the seat to a session that is not in the lobby, or may not play')
  }
}

function restored(kept: KeptSeat | undefined): SeatState {
  if (!kept) return freeSeat
  const { locked, memberId } = kept
  if (memberId === undefined) return { ...freeSeat, locked }
  return { tenure: { kind: 'kept', sessionId: undefined, memberId }, requests: [], locked }
}
