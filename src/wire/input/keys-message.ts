import { WireError } from '../wire-error.ts'
import { readAmount, readFraction, textOf, utf8BytesOf, wantExactly, writeAmount, writeFraction } from './fields.ts'
import { padOf } from './gamepad-message.ts'
import { pointerButtons, type InputMessage } from '../../domain/input-event.ts'

/**
 * Messages of the reliable input channel: everything that must arrive, in order. Big-endian; names and text in UTF-8.
 *
 *     key               | 1 | 0 0 0 0 0 0 0 down | length of code (8) | code | length of key (8) | key |
 *     text              | 2 | text |
 *     button            | 3 | 0 0 0 0 0 0 positioned down | button (8) | x (16) | y (16) |
 *     wheel             | 4 | dx (float 32) | dy (float 32) |
 *     release-all       | 5 |
 *     pointer           | 6 | x (16) | y (16) |
 *     pointer-relative  | 7 | dx (float 32) | dy (float 32) |
 *     gamepad           | 8 | as in gamepad-message.ts |
 *     gamepad-connect   | 9 | pad (8) |
 *     gamepad-disconnect | 10 | pad (8) |
 *
 * Pointer and pointer-relative are for a path that has this channel alone. Positions are fractions of 65,535; those of a button without
 * position are 0.
 */
const kind = {
  key: 1,
  text: 2,
  button: 3,
  wheel: 4,
  releaseAll: 5,
  pointer: 6,
  pointerRelative: 7,
  gamepadConnect: 9,
  gamepadDisconnect: 10,
} as const

/** What has a message of its own here; states of gamepads are numbered by `GamepadSender`. */
export type KeysMessage = Exclude<InputMessage, { type: 'gamepad' }>

const downFlag = 1
const positionedFlag = 2

/** Longest `code` and `key` of a key message, in UTF-8 bytes. */
export const maxKeyNameBytes = 32
/** Longest text of one message, in UTF-8 bytes; {@link splitText} cuts longer ones. */
export const maxTextBytes = 4096
/** Wheel notches of one message are clamped to plus and minus this. */
export const maxWheelNotches = 100
/** Relative motion of one message is clamped to plus and minus this many pixels. */
export const maxRelativePx = 8192

/** Any input message for the reliable channel. Throws WireError `too-long` or `out-of-range`. */
export function encodeKeysMessage(message: KeysMessage): Uint8Array {
  switch (message.type) {
    case 'key':
      return encodeKey(message)
    case 'text': {
      const text = utf8BytesOf(message.text, maxTextBytes, 'text')
      const bytes = new Uint8Array(1 + text.length)
      bytes[0] = kind.text
      bytes.set(text, 1)
      return bytes
    }
    case 'button':
      return encodeButton(message)
    case 'wheel':
      return encodeAmounts(kind.wheel, message, maxWheelNotches)
    case 'release-all':
      return Uint8Array.of(kind.releaseAll)
    case 'pointer': {
      const bytes = new Uint8Array(5)
      const view = new DataView(bytes.buffer)
      bytes[0] = kind.pointer
      writeFraction(view, 1, message.x)
      writeFraction(view, 3, message.y)
      return bytes
    }
    case 'pointer-relative':
      return encodeAmounts(kind.pointerRelative, message, maxRelativePx)
    case 'gamepad-connect':
      return Uint8Array.of(kind.gamepadConnect, message.pad)
    case 'gamepad-disconnect':
      return Uint8Array.of(kind.gamepadDisconnect, message.pad)
  }
}

function encodeKey(message: Extract<InputMessage, { type: 'key' }>): Uint8Array {
  const code = utf8BytesOf(message.code, maxKeyNameBytes, 'code of a key')
  const key = utf8BytesOf(message.key, maxKeyNameBytes, 'name of a key')
  const bytes = new Uint8Array(4 + code.length + key.length)
  bytes[0] = kind.key
  bytes[1] = message.down ? downFlag : 0
  bytes[2] = code.length
  bytes.set(code, 3)
  bytes[3 + code.length] = key.length
  bytes.set(key, 4 + code.length)
  return bytes
}

function encodeButton(message: Extract<InputMessage, { type: 'button' }>): Uint8Array {
  const { x, y } = message
  const bytes = new Uint8Array(7)
  const view = new DataView(bytes.buffer)
  bytes[0] = kind.button
  bytes[1] = message.down ? downFlag : 0
  bytes[2] = pointerButtons.indexOf(message.button)
  if (x !== undefined && y !== undefined) {
    bytes[1] |= positionedFlag
    writeFraction(view, 3, x)
    writeFraction(view, 5, y)
  }
  return bytes
}

function encodeAmounts(first: number, { dx, dy }: { dx: number; dy: number }, limit: number): Uint8Array {
  const bytes = new Uint8Array(9)
  const view = new DataView(bytes.buffer)
  bytes[0] = first
  writeAmount(view, 1, dx, limit)
  writeAmount(view, 5, dy, limit)
  return bytes
}

/** Throws WireError. */
export function decodeKeysMessage(bytes: Uint8Array): KeysMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (bytes[0]) {
    case undefined:
      throw new WireError('too-short', 'Cannot read input message: it is empty')
    case kind.key:
      return decodeKey(bytes)
    case kind.text:
      return { type: 'text', text: textOf(bytes.subarray(1), maxTextBytes, 'text') }
    case kind.button:
      return decodeButton(bytes, view)
    case kind.wheel:
      wantExactly(bytes, 9, 'wheel message')
      return { type: 'wheel', dx: readAmount(view, 1, maxWheelNotches), dy: readAmount(view, 5, maxWheelNotches) }
    case kind.releaseAll:
      wantExactly(bytes, 1, 'release message')
      return { type: 'release-all' }
    case kind.pointer:
      wantExactly(bytes, 5, 'pointer message')
      return { type: 'pointer', x: readFraction(view, 1), y: readFraction(view, 3) }
    case kind.pointerRelative:
      wantExactly(bytes, 9, 'relative pointer message')
      return {
        type: 'pointer-relative',
        dx: readAmount(view, 1, maxRelativePx),
        dy: readAmount(view, 5, maxRelativePx),
      }
    case kind.gamepadConnect:
      wantExactly(bytes, 2, 'gamepad message')
      return { type: 'gamepad-connect', pad: padOf(bytes) }
    case kind.gamepadDisconnect:
      wantExactly(bytes, 2, 'gamepad message')
      return { type: 'gamepad-disconnect', pad: padOf(bytes) }
    default:
      throw new WireError('unknown-type', `Cannot read input message: kind ${bytes[0]}, wanted 1 to 10`)
  }
}

function decodeKey(bytes: Uint8Array): KeysMessage {
  const codeEnd = 3 + (bytes[2] ?? 0)
  const keyEnd = codeEnd + 1 + (bytes[codeEnd] ?? 0)
  wantExactly(bytes, keyEnd, 'key message')
  return {
    type: 'key',
    code: textOf(bytes.subarray(3, codeEnd), maxKeyNameBytes, 'code of a key'),
    key: textOf(bytes.subarray(codeEnd + 1), maxKeyNameBytes, 'name of a key'),
    down: ((bytes[1] as number) & downFlag) !== 0,
  }
}

function decodeButton(bytes: Uint8Array, view: DataView): KeysMessage {
  wantExactly(bytes, 7, 'button message')
  const flags = view.getUint8(1)
  const button = pointerButtons[view.getUint8(2)]
  if (!button) {
    throw new WireError('malformed', `Cannot read button message: button ${view.getUint8(2)}, wanted 0 to 4`)
  }
  const positioned = (flags & positionedFlag) !== 0
  return {
    type: 'button',
    button,
    down: (flags & downFlag) !== 0,
    x: positioned ? readFraction(view, 3) : undefined,
    y: positioned ? readFraction(view, 5) : undefined,
  }
}

/** Cuts text into pieces that fit into one message each, never through a character. */
export function splitText(text: string): string[] {
  // A UTF-16 unit takes at most three bytes.
  const maxUnits = Math.floor(maxTextBytes / 3)
  const pieces: string[] = []
  for (let begin = 0; begin < text.length;) {
    let end = Math.min(text.length, begin + maxUnits)
    if (end < text.length && isLeadSurrogate(text.charCodeAt(end - 1))) end--
    pieces.push(text.slice(begin, end))
    begin = end
  }
  return pieces
}

function isLeadSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
