import type { GamepadState, Rumble } from '../../domain/gamepad.ts'
import type { Unsubscribe } from '../../kernel/readable.ts'

/** A gamepad that apps see as plugged in until it is closed. Neither call throws. */
export interface VirtualGamepad {
  write(state: GamepadState): void
  onRumble(listener: (rumble: Rumble) => void): Unsubscribe
  /** All buttons and sticks go back, and the pad is unplugged. Idempotent. */
  close(): void
}

/** Where virtual gamepads come from. */
export interface GamepadPort {
  /** Throws GamepadError `device-failed`. */
  open(): VirtualGamepad
}
