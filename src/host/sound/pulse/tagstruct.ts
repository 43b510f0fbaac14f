import { SoundError } from '../sound-error.ts'

/**
 * A value in PulseAudio's native protocol (pulsecore/tagstruct.h), each after a letter that tells its type:
 *
 *     'L' u32 big-endian | 't' string, ended by a zero byte | 'x' u32 length, bytes
 */
export type TaggedValue = number | string | Uint8Array

const tags = { number: 0x4c, string: 0x74, bytes: 0x78 } as const

export function encodeTagstruct(values: readonly TaggedValue[]): Uint8Array {
  return Buffer.concat(values.map((value) => encodeValue(value)))
}

function encodeValue(value: TaggedValue): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([Buffer.of(tags.number), u32(value)])
  if (typeof value === 'string')
    return Buffer.concat([Buffer.of(tags.string), Buffer.from(value, 'utf8'), Buffer.of(0)])
  return Buffer.concat([Buffer.of(tags.bytes), u32(value.length), value])
}

/** The numbers that a tagstruct begins with, up to the first value of another type. Throws `bad-answer` when it is cut short. */
export function decodeLeadingNumbers(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers: number[] = []
  for (let offset = 0; offset < bytes.length && bytes[offset] === tags.number; offset += 5) {
    if (offset + 5 > bytes.length) throw new SoundError('bad-answer', 'The sound server cut an answer short')
    numbers.push(view.getUint32(offset + 1))
  }
  return numbers
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
