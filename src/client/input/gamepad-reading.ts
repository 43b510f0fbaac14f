import { standardButtons, type GamepadState } from '../../domain/gamepad.ts'

/** The part of a browser's Gamepad that counts. */
export interface GamepadLike {
  readonly index: number
  readonly mapping: string
  readonly connected: boolean
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[]
  readonly axes: readonly number[]
}

export const neutralGamepad: GamepadState = { buttons: 0, triggers: [0, 0], sticks: [0, 0, 0, 0] }

/** What a pad in the standard layout shows now. */
export function readGamepad({ buttons, axes }: GamepadLike): GamepadState {
  const pressed = buttons.slice(0, standardButtons).reduce((bits, button, index) => {
    return button.pressed ? bits | (1 << index) : bits
  }, 0)
  const trigger = (index: number) => fraction(buttons[index]?.value, 0)
  const stick = (index: number) => fraction(axes[index], -1)
  return { buttons: pressed, triggers: [trigger(6), trigger(7)], sticks: [stick(0), stick(1), stick(2), stick(3)] }
}

/** Differences that the wire does not carry are none. */
export function isSameGamepad(a: GamepadState, b: GamepadState): boolean {
  const isSame = (scale: number) => (value: number, other: number) =>
    Math.round(value * scale) === Math.round(other * scale)
  return (
    a.buttons === b.buttons &&
    a.triggers.every((value, index) => isSame(0xff)(value, b.triggers[index] ?? 0)) &&
    a.sticks.every((value, index) => isSame(0x7fff)(value, b.sticks[index] ?? 0))
  )
}

/** A driver that gives no number gives nothing. */
function fraction(value: number | undefined, min: -1 | 0): number {
  return value === undefined || Number.isNaN(value) ? 0 : Math.max(min, Math.min(1, value))
}
