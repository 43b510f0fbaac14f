import type { GamepadEvent } from './gamepad.ts'

/**
 * What a player does with keyboard, pointer and wheel, whatever wire it came over.
 *
 * A key names the physical key (`code`, as in UI Events KeyboardEvent.code, empty when unknown) and what it meant on the
 * player's own keyboard (`key`, as in KeyboardEvent.key: one character, a named key such as `Enter`, or `Dead`).
 * Positions are fractions of the picture: 0 is the left or top edge, 1 the right or bottom edge.
 */
export type InputEvent =
  | { readonly type: 'key'; readonly code: string; readonly key: string; readonly down: boolean }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'pointer'; readonly x: number; readonly y: number }
  | { readonly type: 'pointer-relative'; readonly dx: number; readonly dy: number }
  | {
      readonly type: 'button'
      readonly button: PointerButton
      readonly down: boolean
      readonly x: number | undefined
      readonly y: number | undefined
    }
  /** In notches of a wheel; fractions add up. Positive is down and right. */
  | { readonly type: 'wheel'; readonly dx: number; readonly dy: number }
  /** Everything that this player holds down goes up. */
  | { readonly type: 'release-all' }

export const pointerButtons = ['left', 'middle', 'right', 'back', 'forward'] as const
export type PointerButton = (typeof pointerButtons)[number]

/** What a player does with any device: what one message of a wire brings. */
export type InputMessage = InputEvent | GamepadEvent
