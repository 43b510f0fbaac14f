import { maxPads, type GamepadState } from '../../domain/gamepad.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import type { MoonlightInput, MoonlightPad } from './input-message.ts'
import { codeOfVirtualKey } from './virtual-keys.ts'

/** Bits of Moonlight's buttons, in the order of the standard layout (W3C Gamepad); the triggers are not among them. */
const standardOrder: readonly (number | undefined)[] = [
  0x1000,
  0x2000,
  0x4000,
  0x8000,
  0x100,
  0x200,
  undefined,
  undefined,
  0x20,
  0x10,
  0x40,
  0x80,
  1,
  2,
  4,
  8,
  0x400,
]
const leftTrigger = 6
const rightTrigger = 7

/** What one client's player does, in the words of the host. Every session begins with a motion there and back, which nobody meant. */
export class MoonlightPlayer {
  #motions = 0
  readonly #pads = new Set<number>()

  /** Nothing for what means nothing here. */
  messages(input: MoonlightInput): InputMessage[] {
    switch (input.type) {
      case 'move': {
        const { dx, dy } = input
        this.#motions++
        const isOpening =
          (this.#motions === 1 && dx === 1 && dy === 1) || (this.#motions === 2 && dx === -1 && dy === -1)
        return isOpening ? [] : [{ type: 'pointer-relative', dx, dy }]
      }
      case 'point':
        return [{ type: 'pointer', x: fraction(input.x, input.width), y: fraction(input.y, input.height) }]
      case 'button':
        return [{ type: 'button', button: input.button, down: input.down, x: undefined, y: undefined }]
      case 'scroll':
        return [{ type: 'wheel', dx: input.right / 120, dy: -input.up / 120 }]
      case 'key': {
        const code = codeOfVirtualKey(input.virtualKey)
        // Where the key is, and nothing of what it means: clients call keys as a US keyboard has them.
        return code === undefined ? [] : [{ type: 'key', code, key: 'Unidentified', down: input.down }]
      }
      case 'text':
        return [{ type: 'text', text: input.text }]
      case 'pad':
        return this.#padMessages(input)
      case 'pad-arrival':
      case 'ignored':
        return []
    }
  }

  /** A client tells with each state which pads there are: one that is missing was unplugged. */
  #padMessages(pad: MoonlightPad): InputMessage[] {
    const messages: InputMessage[] = []
    for (let index = 0; index < maxPads; index++) {
      const isThere = (pad.present & (1 << index)) !== 0
      if (isThere === this.#pads.has(index)) continue
      if (isThere) this.#pads.add(index)
      else this.#pads.delete(index)
      messages.push({ type: isThere ? 'gamepad-connect' : 'gamepad-disconnect', pad: index })
    }
    if (this.#pads.has(pad.pad)) messages.push({ type: 'gamepad', pad: pad.pad, state: stateOf(pad) })
    return messages
  }
}

function fraction(at: number, size: number): number {
  return Math.max(0, Math.min(1, at / (size - 1)))
}

function stateOf({ buttons: pressed, triggers, sticks }: MoonlightPad): GamepadState {
  const [left, right] = [triggers[0] / 255, triggers[1] / 255]
  let buttons = 0
  for (const [index, bit] of standardOrder.entries())
    if (bit !== undefined && (pressed & bit) !== 0) buttons |= 1 << index
  if (left > 0.5) buttons |= 1 << leftTrigger
  if (right > 0.5) buttons |= 1 << rightTrigger
  const [leftX, leftY, rightX, rightY] = sticks
  // Up is positive for the client, and negative here.
  return { buttons, triggers: [left, right], sticks: [axis(leftX), 0 - axis(leftY), axis(rightX), 0 - axis(rightY)] }
}

/** Never minus zero. */
function axis(value: number): number {
  return Math.max(-1, value / 32_767) + 0
}
