import type { AccessUnit, AudioUnit } from '../../media/contract/access-unit.ts'
import type { ParityCoder } from '../../wire/fec/parity-coder.ts'
import { WideCode } from '../../wire/fec/wide-code.ts'
import { encodeSoundPiece, maxPictureBytes, mostNarrowPieces } from '../../wire/native-frames/media-piece.ts'
import { blocksFor, PicturePieces } from '../../wire/native-frames/picture-pieces.ts'
import type { PicturePackets, WirePacket } from '../contract/viewer-wire.ts'

/** A datagram of the native transport without what each viewer writes in front of it; shared by all viewers. */
export interface NativePacket extends WirePacket {
  readonly kind: 'video' | 'parity' | 'audio' | 'input' | 'padding'
  readonly data: Uint8Array
}

/** Of a picture in each packet: with all heads it fits wherever IPv6 does. */
export const pieceBytes = 1100
/** What the transport, the seal, UDP and IP add, nearly. */
const headBytes = 80
const paddingBytes = 275

/** What every probe of every viewer is made of. */
export const padding: NativePacket = packet('padding', new Uint8Array(paddingBytes), false)

const nothing = new Uint8Array(0)

/** A picture in one block, and the same for all; unless it is large, and for who does not take it so: then in as many as its parity asks for. */
interface Cut {
  readonly pieces: PicturePieces
  readonly packets: readonly NativePacket[]
  /** By how much of it was wanted; the rows themselves are shared. */
  readonly parity: Map<number, readonly NativePacket[]>
  readonly rows: WeakMap<Uint8Array, NativePacket>
}

/** The packets of pictures and sound, for as long as what they tell of is there. */
export class NativePackets {
  readonly #coder: ParityCoder
  readonly #wide = new WideCode()
  /** By how many blocks there are; 0 for a wide one. */
  readonly #pictures = new WeakMap<AccessUnit, Map<number, Cut>>()
  readonly #sounds = new WeakMap<AudioUnit, { alone?: NativePacket; behind?: NativePacket; before?: AudioUnit }>()

  constructor(coder: ParityCoder) {
    this.#coder = coder
  }

  /** None for a picture that cannot be sent. `takesWide`: that it may be one block however large it is. */
  picture(unit: AccessUnit, parityPercent: number, takesWide: boolean): PicturePackets<NativePacket> {
    if (unit.data.length === 0 || unit.data.length > maxPictureBytes) return { packets: [], parity: [] }
    const cut = this.#cutFor(unit, parityPercent, takesWide)
    let parity = cut.parity.get(parityPercent)
    if (!parity) {
      const { rows, pieces } = cut
      parity = (parityPercent === 0 ? [] : pieces.parity(parityPercent)).map((row) => {
        let made = rows.get(row)
        if (!made) rows.set(row, (made = packet('parity', row, false)))
        return made
      })
      cut.parity.set(parityPercent, parity)
    }
    return { packets: cut.packets, parity }
  }

  #cutFor(unit: AccessUnit, parityPercent: number, takesWide: boolean): Cut {
    const isWide = takesWide && unit.data.length > mostNarrowPieces * pieceBytes
    const blocks = isWide ? 0 : blocksFor(unit.data.length, pieceBytes, parityPercent)
    let cuts = this.#pictures.get(unit)
    if (!cuts) this.#pictures.set(unit, (cuts = new Map()))
    let cut = cuts.get(blocks)
    if (!cut) cuts.set(blocks, (cut = this.#cut(unit, isWide ? { wide: this.#wide } : { blocks })))
    return cut
  }

  #cut(unit: AccessUnit, form: { readonly wide: WideCode } | { readonly blocks: number }): Cut {
    const pieces = new PicturePieces(unit, { pieceBytes, coder: this.#coder, ...form })
    const last = pieces.pieces.length - 1
    const packets = pieces.pieces.map((piece, index) => packet('video', piece, index === last))
    return { pieces, packets, parity: new Map(), rows: new WeakMap() }
  }

  /** With the unit before it once more, where there is one. */
  sound(unit: AudioUnit, before: AudioUnit | undefined): NativePacket {
    let made = this.#sounds.get(unit)
    if (!made) this.#sounds.set(unit, (made = {}))
    if (!before) return (made.alone ??= packet('audio', encodeSoundPiece({ ...unit, before: nothing }), false))
    if (made.before !== before) {
      made.before = before
      made.behind = packet('audio', encodeSoundPiece({ ...unit, before: before.data }), false)
    }
    return made.behind as NativePacket
  }

  /** Of where others point, as `encodePointers` writes it. */
  pointers(message: Uint8Array): NativePacket {
    return packet('input', message, false)
  }
}

function packet(kind: NativePacket['kind'], data: Uint8Array, marker: boolean): NativePacket {
  return { kind, data, bytes: data.length + headBytes, marker }
}
