import type { GamepadState } from './gamepad-message.ts'

/** What a player does, as it travels; the same shape as the host's input event, value for value. */
export type InputMessage =
  | { readonly type: 'key'; readonly code: string; readonly key: string; readonly down: boolean }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'pointer'; readonly x: number; readonly y: number }
  | { readonly type: 'pointer-relative'; readonly dx: number; readonly dy: number }
  | {
      readonly type: 'button'
      readonly button: InputButton
      readonly down: boolean
      readonly x: number | undefined
      readonly y: number | undefined
    }
  | { readonly type: 'wheel'; readonly dx: number; readonly dy: number }
  | { readonly type: 'release-all' }
  /** One of the player's own gamepads, 0 to 3. */
  | { readonly type: 'gamepad-connect'; readonly pad: number }
  | { readonly type: 'gamepad-disconnect'; readonly pad: number }
  | { readonly type: 'gamepad'; readonly pad: number; readonly state: GamepadState }

export type InputButton = 'left' | 'middle' | 'right' | 'back' | 'forward'
