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
  /** Somebody here typed or clicked who may only watch. */
  readonly watchesInVain = signal(false)
  readonly keyboard = computed(() => this.seats.value?.seats.find(({ id }) => id === 'keyboard-mouse'))
  readonly isShared = computed(() => this.seats.value?.seating === 'shared')
  /** Keyboard and mouse belong to somebody else, or are the owner's to give. */
  readonly isTaken = computed(() => {
    const seat = this.keyboard.value
    if (!seat || this.isShared.value || seat.holder === this.ownSessionId.value) return false
    return seat.holder !== undefined || (seat.locked && this.me.value?.role !== 'owner')
  })
  readonly me = computed(() => this.player(this.ownSessionId.value))
  /** There is something that one could be let play. */
  readonly canAsk = computed(() => (this.seats.value?.seats.length ?? 0) > 0)
  /** One has asked to be let play, and has not been answered. */
  readonly asks = computed(
    () => this.seats.value?.askers?.some(({ memberId }) => memberId === this.#memberId.value) === true,
  )
  readonly #memberId = signal<string | undefined>(undefined)
  readonly #onDeclined: () => void
  /** One has just taken one's wish back oneself. */
  #takesBack = false
  #client: PorchlightClient | undefined
  #prune: ReturnType<typeof setInterval> | undefined
  #forgetHint: ReturnType<typeof setTimeout> | undefined
  #forgetWatching: ReturnType<typeof setTimeout> | undefined

  /** `onDeclined`: the owner has said "not now". */
  constructor(options: { onDeclined: () => void }) {
    this.#onDeclined = options.onDeclined
  }

  /** Follows another client. */
  use(client: PorchlightClient): void {
    this.#client = client
    client.on('seats', (seats) => {
      if (this.#client !== client) return
      const asked = this.asks.value
      this.ownSessionId.value = client.currentSessionId
      this.#memberId.value = client.memberId
      this.seats.value = seats
      // Who took it back themselves has not been declined; neither has who is away, or may play by now.
      if (asked && !this.asks.value && !this.#takesBack && seats && client.role === 'viewer') this.#onDeclined()
      if (!this.asks.value) this.#takesBack = false
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

  /** For who may only watch: asks the owner, or no longer. */
  askToPlay(asks: boolean): void {
    this.#takesBack = !asks
    this.watchedInVain()
    // What becomes of it is told by the events; what is refused, by the client's errors.
    this.#client?.askToPlay(asks).catch(() => {})
  }

  /** Somebody who may only watch has typed or clicked. */
  watchedInVain(): void {
    this.watchesInVain.value = true
    clearTimeout(this.#forgetWatching)
    this.#forgetWatching = setTimeout(() => {
      this.watchesInVain.value = false
    }, hintShownMs)
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
    clearTimeout(this.#forgetWatching)
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
