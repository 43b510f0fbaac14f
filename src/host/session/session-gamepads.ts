import type { Unsubscribe } from '../../kernel/readable.ts'
import type { VirtualGamepad } from '../gamepad/gamepad.ts'
import { maxPads, neutralState, type GamepadEvent, type GamepadState, type Rumble } from '../../domain/gamepad.ts'
import { seatIds, type Seat, type SeatId } from '../../domain/seat.ts'

/** What the pads of a session need of its lobby. */
export interface GamepadContext {
  readonly sessionId: string
  /** The seats of its lobby; none outside of one. */
  seats(): readonly Seat[]
  holds(seat: SeatId): boolean
  /** Tells that a seat is used; whether the session may go on with it. */
  use(seat: SeatId): boolean
  /** Asks for a seat that nobody has. */
  request(seat: SeatId): void
  release(seat: SeatId): void
  /** Undefined where there can be no gamepad now. */
  open(): VirtualGamepad | undefined
}

interface Pad {
  seat: SeatId | undefined
  device: VirtualGamepad | undefined
  state: GamepadState
}

const gamepadSeats: readonly SeatId[] = seatIds.filter((id) => id !== 'keyboard-mouse')

/**
 * The gamepads that a player has plugged in. Each needs a seat; while it has one, apps see a virtual pad. When the seat is
 * lost for any reason, that one is unplugged with everything on it let go.
 */
export class SessionGamepads {
  readonly #context: GamepadContext
  readonly #pads = new Map<number, Pad>()
  readonly #listeners = new Set<(pad: number, rumble: Rumble) => void>()

  constructor(context: GamepadContext) {
    this.#context = context
  }

  /** False when it could not be done: there is no seat for the pad, or there can be no gamepads. */
  handle(event: GamepadEvent): boolean {
    if (event.type === 'gamepad-disconnect') return this.#unplug(event.pad)
    const pad = this.#plug(event.pad)
    if (!pad) return false
    if (event.type === 'gamepad-connect') {
      if (!pad.seat) this.#ask()
      return true
    }
    // Whoever presses a button wants to play; a stick that drifts does not.
    if (!pad.seat && event.state.buttons !== 0 && pad.state.buttons === 0) this.#ask()
    pad.state = event.state
    if (!pad.seat || !this.#context.use(pad.seat) || !pad.device) return false
    pad.device.write(event.state)
    return true
  }

  /** Brings pads and devices in line with the seats that are held now. */
  settle(): void {
    for (const [index, pad] of this.#pads) {
      if (pad.seat && !this.#context.holds(pad.seat)) {
        pad.seat = undefined
        this.#close(pad)
      }
      pad.seat ??= this.#spareSeat()
      if (pad.seat && !pad.device) this.#open(index, pad)
    }
  }

  /** All buttons and sticks go back; the pads stay plugged in. */
  releaseAll(): void {
    for (const pad of this.#pads.values()) {
      pad.state = neutralState
      pad.device?.write(neutralState)
    }
  }

  /** Whether something is pressed on the pad of a seat. */
  isBusy(seat: SeatId): boolean {
    return [...this.#pads.values()].some((pad) => pad.seat === seat && pad.state.buttons !== 0)
  }

  onRumble(listener: (pad: number, rumble: Rumble) => void): Unsubscribe {
    const entry = (pad: number, rumble: Rumble) => listener(pad, rumble)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  /** Unplugs everything; the seats are dealt with elsewhere. */
  close(): void {
    for (const pad of this.#pads.values()) {
      pad.seat = undefined
      this.#close(pad)
    }
  }

  #plug(index: number): Pad | undefined {
    const known = this.#pads.get(index)
    if (known || this.#pads.size >= maxPads) return known
    const pad: Pad = { seat: undefined, device: undefined, state: neutralState }
    this.#pads.set(index, pad)
    this.settle()
    return pad
  }

  #unplug(index: number): boolean {
    const pad = this.#pads.get(index)
    if (!pad) return false
    this.#pads.delete(index)
    this.#close(pad)
    if (pad.seat && this.#context.holds(pad.seat)) this.#context.release(pad.seat)
    return true
  }

  /** The first seat that nobody has and nobody keeps from us. What comes of it is told by `settle`. */
  #ask(): void {
    const { sessionId } = this.#context
    const free = this.#context.seats().find(({ id, holder, locked, requests }) => {
      return gamepadSeats.includes(id) && holder === undefined && !locked && !requests.includes(sessionId)
    })
    if (free) this.#context.request(free.id)
    this.settle()
  }

  /** A seat that is held, and used by no other pad. */
  #spareSeat(): SeatId | undefined {
    const used = new Set([...this.#pads.values()].map(({ seat }) => seat))
    return gamepadSeats.find((seat) => !used.has(seat) && this.#context.holds(seat))
  }

  #open(index: number, pad: Pad): void {
    const device = this.#context.open()
    if (!device) return
    pad.device = device
    device.write(pad.state)
    device.onRumble((rumble) => {
      for (const listener of this.#listeners) listener(index, rumble)
    })
  }

  #close(pad: Pad): void {
    const { device } = pad
    pad.device = undefined
    device?.close()
  }
}
