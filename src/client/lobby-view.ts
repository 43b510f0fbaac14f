import { Writable, type Readable } from '../kernel/readable.ts'
import type { LobbyText } from '../domain/delivery.ts'
import type { Place } from '../wire/signal/messages.ts'
import type { SeatId } from '../domain/seat.ts'
import type { ClientEvents, Seats, Voices } from './client-events.ts'
import type { PassedOn } from './connection/signal-socket.ts'
import type { Role } from '../domain/member.ts'
import type { Emitter } from './emitter.ts'
import { HeardTexts } from './outbox/heard-texts.ts'
import { reportUncaught } from './contract/report-uncaught.ts'

/** What the host tells of the lobby that one is in, and of what one is there. */
export type LobbyMessage = Extract<PassedOn, { type: 'place' | 'role' | 'seats' | 'voices' | 'texts' }>

const nowhere: Place = { kind: 'waiting-room', reason: 'Connecting' }

/** The lobby as the host has told of it last; what changes is told by events too. */
export class LobbyView {
  readonly #emitter: Emitter<ClientEvents>
  readonly #place = new Writable<Place>(nowhere, reportUncaught)
  readonly #seats = new Writable<Seats | undefined>(undefined, reportUncaught)
  readonly #voices = new Writable<Voices | undefined>(undefined, reportUncaught)
  readonly #texts = new HeardTexts()
  #role: Role | undefined
  #memberId: string | undefined

  constructor(emitter: Emitter<ClientEvents>) {
    this.#emitter = emitter
  }

  get place(): Readable<Place> {
    return this.#place
  }

  get seats(): Readable<Seats | undefined> {
    return this.#seats
  }

  get voices(): Readable<Voices | undefined> {
    return this.#voices
  }

  get texts(): Readable<readonly LobbyText[]> {
    return this.#texts.texts
  }

  get role(): Role | undefined {
    return this.#role
  }

  get memberId(): string | undefined {
    return this.#memberId
  }

  /** Whether the session `own` has this seat, or may use it beside others. */
  holds(seat: SeatId, own: string | undefined): boolean {
    const seats = this.#seats.value
    const isPlayer = seats?.players.some(({ sessionId }) => sessionId === own) === true
    if (seats?.seating === 'shared' && seat === 'keyboard-mouse') return isPlayer
    return isPlayer && seats?.seats.find(({ id }) => id === seat)?.holder === own
  }

  /** Who one is to the host; what it leaves out is as it was. */
  greeted({ role, memberId }: { readonly role?: Role | undefined; readonly memberId?: string | undefined }): void {
    if (memberId !== undefined) this.#memberId = memberId
    if (role !== undefined) this.#setRole(role)
  }

  receive(message: LobbyMessage): void {
    switch (message.type) {
      case 'role':
        return this.#setRole(message.role)
      case 'place':
        this.#place.set(message.place)
        if (message.place.lobbyId !== this.#seats.value?.lobbyId) this.#setSeats(undefined)
        if (message.place.lobbyId !== this.#voices.value?.lobbyId) this.#setVoices(undefined)
        return this.#emitter.emit('place', message.place)
      case 'seats': {
        const { type: _, ...seats } = message
        return this.#setSeats(seats)
      }
      case 'voices': {
        const { type: _, ...voices } = message
        return this.#setVoices(voices)
      }
      case 'texts':
        for (const text of this.#texts.receive(message)) this.#emitter.emit('text', text)
    }
  }

  #setRole(role: Role): void {
    if (role === this.#role) return
    this.#role = role
    this.#emitter.emit('role', role)
  }

  #setSeats(seats: Seats | undefined): void {
    if (seats === this.#seats.value) return
    this.#seats.set(seats)
    this.#emitter.emit('seats', seats)
  }

  #setVoices(voices: Voices | undefined): void {
    if (voices === this.#voices.value) return
    this.#voices.set(voices)
    this.#emitter.emit('voices', voices)
  }
}
