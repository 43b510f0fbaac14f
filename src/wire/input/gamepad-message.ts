import { maxPads, standardButtons, type GamepadState } from '../../domain/gamepad.ts'
import { isNewer, nextSequence } from '../sequence-number.ts'
import { WireError } from '../wire-error.ts'
import { clampFinite, wantExactly } from './fields.ts'

/**
 * The whole state of a gamepad, of which only the newest counts. Big-endian, the same on both channels: changes of buttons go
 * over the reliable one, so that none is lost, and what only moves goes over the other.
 *
 *     gamepad | 8 | pad (8) | sequence (16) | buttons (32) | left trigger (8) | right trigger (8) |
 *             | left x (16) | left y (16) | right x (16) | right y (16) |
 *
 * Buttons are bits by their index in the standard layout (W3C Gamepad, section 3.8.1); triggers are parts of 255, sticks of 32,767,
 * positive right and down.
 */
export const gamepadKind = 8
export const gamepadMessageBytes = 18

const buttonsMask = 2 ** standardButtons - 1

export interface GamepadMessage {
  readonly pad: number
  readonly sequence: number
  readonly state: GamepadState
}

/** Throws WireError `out-of-range` for a number that is not finite. */
export function encodeGamepadMessage({ pad, sequence, state }: GamepadMessage): Uint8Array {
  const bytes = new Uint8Array(gamepadMessageBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, gamepadKind)
  view.setUint8(1, pad)
  view.setUint16(2, sequence)
  view.setUint32(4, state.buttons & buttonsMask)
  state.triggers.forEach((value, index) => view.setUint8(8 + index, Math.round(clampFinite(value, 0, 1) * 0xff)))
  state.sticks.forEach((value, index) => view.setInt16(10 + 2 * index, Math.round(clampFinite(value, -1, 1) * 0x7fff)))
  return bytes
}

/** Throws WireError. */
export function decodeGamepadMessage(bytes: Uint8Array): GamepadMessage {
  wantExactly(bytes, gamepadMessageBytes, 'gamepad message')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const trigger = (at: number) => view.getUint8(at) / 0xff
  const stick = (at: number) => Math.max(-1, view.getInt16(at) / 0x7fff)
  return {
    pad: padOf(bytes),
    sequence: view.getUint16(2),
    state: {
      buttons: view.getUint32(4) & buttonsMask,
      triggers: [trigger(8), trigger(9)],
      sticks: [stick(10), stick(12), stick(14), stick(16)],
    },
  }
}

/** The pad that a message is about. Throws WireError `malformed`. */
export function padOf(bytes: Uint8Array): number {
  const pad = bytes[1] ?? maxPads
  if (pad >= maxPads) throw new WireError('malformed', `Cannot read gamepad message: pad ${pad}, wanted 0 to 3`)
  return pad
}

/** The sending end: numbers the states of each pad, and knows which of them must arrive. */
export class GamepadSender {
  readonly #pads = new Map<number, { readonly sequence: number; readonly buttons: number }>()

  /** Throws WireError `out-of-range`. */
  encode(pad: number, state: GamepadState): { readonly bytes: Uint8Array; readonly mustArrive: boolean } {
    const { sequence, buttons } = this.#pads.get(pad) ?? { sequence: 0, buttons: 0 }
    const bytes = encodeGamepadMessage({ pad, sequence, state })
    this.#pads.set(pad, { sequence: nextSequence(sequence), buttons: state.buttons })
    return { bytes, mustArrive: state.buttons !== buttons }
  }
}

/** The receiving end, of both channels. */
export class GamepadReceiver {
  readonly #newest = new Map<number, number>()

  /** Undefined for a state that came late or twice. Throws WireError. */
  accept(bytes: Uint8Array): Pick<GamepadMessage, 'pad' | 'state'> | undefined {
    const { pad, sequence, state } = decodeGamepadMessage(bytes)
    if (!isNewer(sequence, this.#newest.get(pad) ?? 0xffff)) return undefined
    this.#newest.set(pad, sequence)
    return { pad, state }
  }
}
