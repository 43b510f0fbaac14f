import type { GamepadState } from '../../../domain/gamepad.ts'
import { eventType, type AxisRange, type DeviceIdentity, type KernelEvent } from './kernel-layout.ts'

/** A pad that every game knows: what the kernel's own driver makes of a wired Xbox 360 controller. */
export const xboxPad: DeviceIdentity = {
  bus: 3,
  vendor: 0x045e,
  product: 0x028e,
  version: 0x0110,
  name: 'Microsoft X-Box 360 pad',
  effects: 16,
}

/** Codes of the buttons by their index in the standard layout; the triggers (6, 7) and the cross (12 to 15) are axes. */
const buttonCodes: ReadonlyMap<number, number> = new Map([
  [0, 0x130],
  [1, 0x131],
  [2, 0x133],
  [3, 0x134],
  [4, 0x136],
  [5, 0x137],
  [8, 0x13a],
  [9, 0x13b],
  [10, 0x13d],
  [11, 0x13e],
  [16, 0x13c],
])
export const padButtons: readonly number[] = [...buttonCodes.values()]

const stickAxes = [0x00, 0x01, 0x03, 0x04]
const triggerAxes = [0x02, 0x05]
const cross = { x: 0x10, y: 0x11 }
const up = 1 << 12
const down = 1 << 13
const left = 1 << 14
const right = 1 << 15

export const padAxes: readonly AxisRange[] = [
  ...stickAxes.map((code) => ({ code, min: -32768, max: 32767, fuzz: 16, flat: 128 })),
  ...triggerAxes.map((code) => ({ code, min: 0, max: 255, fuzz: 0, flat: 0 })),
  ...[cross.x, cross.y].map((code) => ({ code, min: -1, max: 1, fuzz: 0, flat: 0 })),
]

/** What to tell the kernel when a pad goes from one state to another: only what has changed, and that it is complete. */
export function padEvents(before: GamepadState, after: GamepadState): KernelEvent[] {
  const old = valuesOf(before)
  const changes = valuesOf(after).filter(({ value }, index) => value !== old[index]?.value)
  return changes.length === 0 ? [] : [...changes, { type: eventType.syn, code: 0, value: 0 }]
}

function valuesOf({ buttons, triggers, sticks }: GamepadState): KernelEvent[] {
  const abs = (code: number, value: number): KernelEvent => ({ type: eventType.abs, code, value })
  const direction = (less: number, more: number) => Number((buttons & more) !== 0) - Number((buttons & less) !== 0)
  return [
    ...[...buttonCodes].map(([index, code]) => {
      return { type: eventType.key, code, value: (buttons >>> index) & 1 }
    }),
    ...stickAxes.map((code, index) => abs(code, Math.round((sticks[index] ?? 0) * 32767))),
    ...triggerAxes.map((code, index) => abs(code, Math.round((triggers[index] ?? 0) * 255))),
    abs(cross.x, direction(left, right)),
    abs(cross.y, direction(up, down)),
  ]
}
