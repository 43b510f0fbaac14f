import type { Unsubscribe } from '../../kernel/readable.ts'

/** Everything about a pad at one moment, in the standard layout of the W3C Gamepad specification. */
export interface GamepadState {
  /** Bits by the index of the button. */
  readonly buttons: number
  /** 0 to 1: left, right. */
  readonly triggers: readonly [left: number, right: number]
  /** -1 to 1, positive right and down. */
  readonly sticks: readonly [leftX: number, leftY: number, rightX: number, rightY: number]
}

/** What a player does with gamepads; `pad` counts the player's own from 0. */
export type GamepadEvent =
  | { readonly type: 'gamepad-connect'; readonly pad: number }
  | { readonly type: 'gamepad-disconnect'; readonly pad: number }
  | { readonly type: 'gamepad'; readonly pad: number; readonly state: GamepadState }

/** What an app wants the player to feel; 0 and 0 is the end of it. */
export interface Rumble {
  /** 0 to 1: the slow motor, and the fast one. */
  readonly strong: number
  readonly weak: number
  readonly durationMs: number
}

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

export const neutralState: GamepadState = { buttons: 0, triggers: [0, 0], sticks: [0, 0, 0, 0] }
