import { WireError } from '../wire-error.ts'
import { viewOf, wantBytes } from './fields.ts'

/**
 * What a player does, as a Moonlight client tells it:
 *
 *     | bytes that follow (32, big endian) | kind (32, little endian) | fields |
 */
export type MoonlightInput =
  | { readonly type: 'move'; readonly dx: number; readonly dy: number }
  /** In units of a picture that is `width` x `height` for the client. */
  | { readonly type: 'point'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly type: 'button'; readonly button: MoonlightButton; readonly down: boolean }
  /** 120 is a notch; positive is up and right. */
  | { readonly type: 'scroll'; readonly up: number; readonly right: number }
  | { readonly type: 'key'; readonly virtualKey: number; readonly modifiers: number; readonly down: boolean }
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'pad' } & MoonlightPad)
  | { readonly type: 'pad-arrival'; readonly pad: number; readonly capabilities: number }
  /** What is not announced here, and what tells nothing: touch, pen, motion, battery, haptics. */
  | { readonly type: 'ignored' }

export type MoonlightButton = 'left' | 'middle' | 'right' | 'back' | 'forward'

export interface MoonlightPad {
  readonly pad: number
  /** Which pads there are, a bit each. */
  readonly present: number
  readonly buttons: number
  /** 0 to 255. */
  readonly triggers: readonly [left: number, right: number]
  /** -32,768 to 32,767; positive is right and **up**. */
  readonly sticks: readonly [leftX: number, leftY: number, rightX: number, rightY: number]
}

const headBytes = 8
const buttons: readonly (MoonlightButton | undefined)[] = [undefined, 'left', 'middle', 'right', 'back', 'forward']

const ignoredKinds: ReadonlySet<number> = new Set([
  0x0000000d, 0x55000002, 0x55000003, 0x55000005, 0x55000006, 0x55000007,
])

/** Throws WireError: `too-short`, `malformed` when the length is another or a field makes no sense, `unknown-type`. */
export function decodeMoonlightInput(bytes: Uint8Array): MoonlightInput {
  const view = wantBytes(bytes, headBytes, 'an input message')
  if (view.getUint32(0) !== bytes.length - 4) {
    throw new WireError(
      'malformed',
      `Cannot read an input message of ${bytes.length} bytes: it tells of another length`,
    )
  }
  return readInput(view.getUint32(4, true), bytes.subarray(headBytes))
}

function readInput(kind: number, fields: Uint8Array): MoonlightInput {
  switch (kind) {
    case 0x07: {
      const view = wantBytes(fields, 4, 'a motion')
      return { type: 'move', dx: view.getInt16(0), dy: view.getInt16(2) }
    }
    case 0x05:
      return readPoint(fields)
    case 0x08:
    case 0x09: {
      const button = buttons[wantBytes(fields, 1, 'a button').getUint8(0)]
      if (button === undefined) throw new WireError('malformed', 'Cannot read a button of this number: wanted 1 to 5')
      return { type: 'button', button, down: kind === 0x08 }
    }
    case 0x0a:
      return { type: 'scroll', up: wantBytes(fields, 2, 'a wheel').getInt16(0), right: 0 }
    case 0x55000001:
      return { type: 'scroll', up: 0, right: wantBytes(fields, 2, 'a wheel').getInt16(0) }
    case 0x03:
    case 0x04: {
      const view = wantBytes(fields, 4, 'a key')
      // Most clients set the highest bit as well.
      return {
        type: 'key',
        virtualKey: view.getUint16(1, true) & 0xff,
        modifiers: view.getUint8(3),
        down: kind === 0x03,
      }
    }
    case 0x17:
      return { type: 'text', text: readText(fields) }
    case 0x0c:
      return readPad(fields)
    case 0x55000004: {
      const view = wantBytes(fields, 8, 'the arrival of a gamepad')
      return { type: 'pad-arrival', pad: view.getUint8(0), capabilities: view.getUint16(2, true) }
    }
    default:
      if (ignoredKinds.has(kind)) return { type: 'ignored' }
      throw new WireError('unknown-type', `Cannot read input of kind 0x${kind.toString(16)}`)
  }
}

function readPoint(fields: Uint8Array): MoonlightInput {
  const view = wantBytes(fields, 10, 'a position')
  const width = view.getInt16(6) + 1
  const height = view.getInt16(8) + 1
  if (width < 2 || height < 2)
    throw new WireError('malformed', `Cannot read a position in a picture of ${width}x${height}`)
  return { type: 'point', x: view.getInt16(0), y: view.getInt16(2), width, height }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** One code point; clients fill up with zeros. */
function readText(fields: Uint8Array): string {
  const end = fields.indexOf(0)
  const bytes = end < 0 ? fields : fields.subarray(0, end)
  if (bytes.length < 1 || bytes.length > 4)
    throw new WireError('malformed', `Cannot read a character of ${bytes.length} bytes`)
  try {
    return utf8.decode(bytes)
  } catch {
    throw new WireError('malformed', 'Cannot read a character: it is not UTF-8')
  }
}

function readPad(fields: Uint8Array): MoonlightInput {
  const view = wantBytes(fields, 20, 'a gamepad')
  return {
    type: 'pad',
    pad: view.getUint16(2, true),
    present: view.getUint16(4, true),
    buttons: (view.getUint16(8, true) | (fields.length >= 24 ? view.getUint16(22, true) << 16 : 0)) >>> 0,
    triggers: [view.getUint8(10), view.getUint8(11)],
    sticks: [view.getInt16(12, true), view.getInt16(14, true), view.getInt16(16, true), view.getInt16(18, true)],
  }
}

/** For clients, and for tests of a host. */
export function encodeMoonlightInput(kind: number, fields: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headBytes + fields.length)
  const view = viewOf(bytes)
  view.setUint32(0, bytes.length - 4)
  view.setUint32(4, kind, true)
  bytes.set(fields, headBytes)
  return bytes
}
