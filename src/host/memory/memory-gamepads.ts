import type { Unsubscribe } from '../../kernel/readable.ts'
import type { GamepadPort, VirtualGamepad } from '../gamepad/gamepad.ts'
import { neutralState, type GamepadState, type Rumble } from '../../domain/gamepad.ts'

/** A virtual gamepad in memory; `rumble` is what an app would do with it. */
export class MemoryGamepad implements VirtualGamepad {
  state = neutralState
  readonly #onClose: () => void
  readonly #listeners = new Set<(rumble: Rumble) => void>()

  constructor(onClose: () => void) {
    this.#onClose = onClose
  }

  write(state: GamepadState): void {
    this.state = state
  }

  rumble(rumble: Rumble): void {
    for (const listener of this.#listeners) listener(rumble)
  }

  onRumble(listener: (rumble: Rumble) => void): Unsubscribe {
    const entry = (rumble: Rumble) => listener(rumble)
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  close(): void {
    this.state = neutralState
    this.#onClose()
  }
}

/** Gamepads in memory: those that are plugged in now, oldest first. */
export class MemoryGamepads implements GamepadPort {
  readonly plugged = new Set<MemoryGamepad>()

  open(): MemoryGamepad {
    const pad: MemoryGamepad = new MemoryGamepad(() => this.plugged.delete(pad))
    this.plugged.add(pad)
    return pad
  }
}
