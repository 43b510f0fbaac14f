import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import type { PicturePackets, WirePacket } from '../../viewer/contract/viewer-wire.ts'

/** A packet in memory: it stands for so many bytes of what it is part of, which is handed over as it is. */
export type MemoryPacket = WirePacket &
  (
    | { readonly kind: 'picture' | 'parity'; readonly unit: AccessUnit; readonly index: number; readonly count: number }
    | { readonly kind: 'sound'; readonly unit: AudioUnit }
    | { readonly kind: 'pointers'; readonly message: Uint8Array }
    | { readonly kind: 'padding' }
  )

const headerBytes = 24
/** As much payload as passes every path (RFC 9000, section 14). */
const payloadBytes = 1200 - headerBytes

export const padding: MemoryPacket = { kind: 'padding', bytes: 256, marker: false }

/** The packets of pictures and sound, made once for all viewers who get the same. */
export class MemoryPackets {
  readonly #pictures = new WeakMap<AccessUnit, Map<number, PicturePackets<MemoryPacket>>>()
  readonly #sounds = new WeakMap<AudioUnit, MemoryPacket>()

  picture(unit: AccessUnit, parityPercent: number): PicturePackets<MemoryPacket> {
    let made = this.#pictures.get(unit)
    if (!made) this.#pictures.set(unit, (made = new Map()))
    let picture = made.get(parityPercent)
    if (!picture) made.set(parityPercent, (picture = cut(unit, parityPercent)))
    return picture
  }

  sound(unit: AudioUnit): MemoryPacket {
    let packet = this.#sounds.get(unit)
    if (!packet) {
      packet = { kind: 'sound', unit, bytes: headerBytes + unit.data.length, marker: false }
      this.#sounds.set(unit, packet)
    }
    return packet
  }
}

/** Any `count` of a picture's packets and their parity give the picture, as with a code that wastes nothing. */
function cut(unit: AccessUnit, parityPercent: number): PicturePackets<MemoryPacket> {
  const count = Math.ceil(unit.data.length / payloadBytes)
  const bytes = headerBytes + Math.ceil(unit.data.length / Math.max(1, count))
  const make = (kind: 'picture' | 'parity', index: number): MemoryPacket => {
    return { kind, unit, index, count, bytes, marker: kind === 'picture' && index === count - 1 }
  }
  return {
    packets: Array.from({ length: count }, (_, index) => make('picture', index)),
    parity: Array.from({ length: Math.ceil((count * parityPercent) / 100) }, (_, index) => make('parity', index)),
  }
}
