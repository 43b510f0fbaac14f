/** A player can have this many pads, one for each gamepad seat. */
export const maxPads = 4
/** Buttons of the standard layout (W3C Gamepad, section 3.8.1). */
export const standardButtons = 17

/** Everything about a pad at one moment, in the standard layout of the W3C Gamepad specification. */
export interface GamepadState {
  /** Bits by the index of the button. */
  readonly buttons: number
  /** 0 to 1: left, right. */
  readonly triggers: readonly [left: number, right: number]
  /** -1 to 1, positive right and down. */
  readonly sticks: readonly [leftX: number, leftY: number, rightX: number, rightY: number]
}

export const neutralState: GamepadState = { buttons: 0, triggers: [0, 0], sticks: [0, 0, 0, 0] }

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
