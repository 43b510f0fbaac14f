import { computed, signal } from '@preact/signals'
import type {
  InputMessage,
  Player,
  PlayerPointer,
  PorchlightClient,
  Seat,
  SeatId,
  Seats,
  SeatWish,
} from '../../src/client/index.ts'

/** A pointer that rests for so long is no news any more. */
const pointerShownMs = 4000
const hintShownMs = 6000

interface ShownPointer extends PlayerPointer {
  readonly movedMs: number
}

/** Who may use what in the lobby, where the others point, and what is to be said when somebody types in vain. */
export class SeatsModel {
  readonly seats = signal<Seats | undefined>(undefined)
  readonly ownSessionId = signal<string | undefined>(undefined)
  /** Where the other players point, by session; those that have moved of late. */
  readonly pointers = signal<ReadonlyMap<string, ShownPointer>>(new Map())
  /** Somebody here typed or clicked while another one has the seat. */
  readonly inVain = signal(false)
  readonly keyboard = computed(() => this.seats.value?.seats.find(({ id }) => id === 'keyboard-mouse'))
  readonly isShared = computed(() => this.seats.value?.seating === 'shared')
  /** Keyboard and mouse belong to somebody else, or are the owner's to give. */
  readonly isTaken = computed(() => {
    const seat = this.keyboard.value
    if (!seat || this.isShared.value || seat.holder === this.ownSessionId.value) return false
    return seat.holder !== undefined || (seat.locked && this.me.value?.role !== 'owner')
  })
  readonly me = computed(() => this.player(this.ownSessionId.value))
  #client: PorchlightClient | undefined
  #prune: ReturnType<typeof setInterval> | undefined
  #forgetHint: ReturnType<typeof setTimeout> | undefined

  /** Follows another client. */
  use(client: PorchlightClient): void {
    this.#client = client
    client.on('seats', (seats) => {
      if (this.#client !== client) return
      this.ownSessionId.value = client.currentSessionId
      this.seats.value = seats
      if (!this.isTaken.value) this.inVain.value = false
      this.#keepPointers(
        ({ player }) => seats?.players.some(({ sessionId }) => sessionId === player.sessionId) === true,
      )
    })
    client.on('pointers', (moved) => {
      if (this.#client !== client) return
      const movedMs = performance.now()
      const entries = moved.map((pointer) => [pointer.player.sessionId, { ...pointer, movedMs }] as const)
      this.pointers.value = new Map([...this.pointers.value, ...entries])
      this.#prune ??= setInterval(() => this.#forgetOldPointers(), 500)
    })
  }

  player(sessionId: string | undefined): Player | undefined {
    return this.seats.value?.players.find((player) => player.sessionId === sessionId)
  }

  change(seat: SeatId, wish: SeatWish): void {
    this.inVain.value = false
    // What becomes of it is told by the events.
    void this.#client?.changeSeat(seat, wish)
  }

  holds(seat: Seat): boolean {
    return seat.holder !== undefined && seat.holder === this.ownSessionId.value
  }

  /** Whether input is to be sent. Without the seat one can point; more than that says whom to ask. */
  allows(message: InputMessage): boolean {
    if (!this.isTaken.value || message.type === 'pointer' || message.type === 'release-all') return true
    const isDeed = message.type === 'key' || message.type === 'button' ? message.down : message.type === 'text'
    if (isDeed) this.#hint()
    return false
  }

  close(): void {
    this.#client = undefined
    clearInterval(this.#prune)
    clearTimeout(this.#forgetHint)
  }

  #hint(): void {
    this.inVain.value = true
    clearTimeout(this.#forgetHint)
    this.#forgetHint = setTimeout(() => {
      this.inVain.value = false
    }, hintShownMs)
  }

  #forgetOldPointers(): void {
    const nowMs = performance.now()
    this.#keepPointers(({ movedMs }) => nowMs - movedMs < pointerShownMs)
    if (this.pointers.value.size > 0) return
    clearInterval(this.#prune)
    this.#prune = undefined
  }

  #keepPointers(isKept: (pointer: ShownPointer) => boolean): void {
    const kept = [...this.pointers.value].filter(([, pointer]) => isKept(pointer))
    if (kept.length < this.pointers.value.size) this.pointers.value = new Map(kept)
  }
}
