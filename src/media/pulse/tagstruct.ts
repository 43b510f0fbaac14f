import { PulseError } from './pulse-error.ts'

/**
 * A value in PulseAudio's native protocol (pulsecore/tagstruct.h), each after a letter that tells its type:
 *
 *     'L' u32 big-endian | 't' string, ended by a zero byte | 'x' u32 length, bytes | '1' true | '0' false
 *     'N' no string
 */
export type TaggedValue =
  | number
  | string
  | boolean
  | undefined
  | Uint8Array
  | SampleSpec
  | ChannelMap
  | Volume
  | Properties

/**
 *     'a' u8 format | u8 channels | u32 samples a second
 */
export interface SampleSpec {
  readonly kind: 'sample-spec'
  readonly format: 'float32le'
  readonly channels: number
  readonly rate: number
}

/**
 *     'm' u8 channels | for each, u8 position
 */
export interface ChannelMap {
  readonly kind: 'channel-map'
  readonly positions: readonly 'mono'[]
}

/**
 *     'v' u8 channels | for each, u32 volume; 0x10000 is as it is
 */
export interface Volume {
  readonly kind: 'volume'
  readonly channels: readonly number[]
}

/**
 *     'P' for each: 't' name, 'L' length with the zero byte behind the value, 'x' value | 'N'
 */
export interface Properties {
  readonly kind: 'properties'
  readonly values: Readonly<Record<string, string>>
}

const formats = { float32le: 5 } as const
const positions = { mono: 0 } as const

export function encodeTagstruct(values: readonly TaggedValue[]): Uint8Array {
  return Buffer.concat(values.map((value) => encodeValue(value)))
}

function encodeValue(value: TaggedValue): Uint8Array {
  if (value === undefined) return tagged('N')
  if (typeof value === 'boolean') return tagged(value ? '1' : '0')
  if (typeof value === 'number') return tagged('L', u32(value))
  if (typeof value === 'string') return tagged('t', Buffer.from(value, 'utf8'), Buffer.of(0))
  if (value instanceof Uint8Array) return tagged('x', u32(value.length), value)
  switch (value.kind) {
    case 'sample-spec':
      return tagged('a', Buffer.of(formats[value.format], value.channels), u32(value.rate))
    case 'channel-map':
      return tagged('m', Buffer.of(value.positions.length, ...value.positions.map((name) => positions[name])))
    case 'volume':
      return tagged('v', Buffer.of(value.channels.length), ...value.channels.map(u32))
    case 'properties': {
      const entries = Object.entries(value.values).map(([name, text]) => {
        const bytes = Buffer.from(`${text}\0`, 'utf8')
        return encodeTagstruct([name, bytes.length, bytes])
      })
      return tagged('P', ...entries, tagged('N'))
    }
  }
}

function tagged(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from(tag, 'latin1'), ...parts])
}

/** The numbers that a tagstruct begins with, up to the first value of another type. Throws `bad-answer` when it is cut short. */
export function decodeLeadingNumbers(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers: number[] = []
  for (let offset = 0; offset < bytes.length && bytes[offset] === 0x4c; offset += 5) {
    if (offset + 5 > bytes.length) throw new PulseError('bad-answer', 'The sound server cut an answer short')
    numbers.push(view.getUint32(offset + 1))
  }
  return numbers
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
