import { cauchyFixed } from '../fec/coefficients.ts'
import { recoverPieces } from '../fec/recover-pieces.ts'
import { fieldMemory, type FieldMemory } from '../fec/field-memory.ts'
import { WideCode } from '../fec/wide-code.ts'
import { piecesOfBlock, type PieceOf } from './media-piece.ts'

interface Block {
  readonly data: (Uint8Array | undefined)[]
  readonly parity: (Uint8Array | undefined)[]
  dataCame: number
  parityCame: number
  isWhole: boolean
}

/** What pictures are repaired with: one for all of a viewer, as it has a memory of its own. */
export interface PictureRepair {
  readonly memory: FieldMemory
  readonly wide: WideCode
}

export function pictureRepair(): PictureRepair {
  const memory = fieldMemory()
  return { memory, wide: new WideCode(memory) }
}

/** Puts one picture together from what comes of its pieces and of their parity. */
export class PictureGathering {
  /** Of whichever piece came first. */
  readonly of: PieceOf
  readonly #blocks: readonly Block[]
  readonly #repair: PictureRepair
  #wholeBlocks = 0
  #recovered = 0
  #heldBytes = 0

  constructor(of: PieceOf, repair: PictureRepair) {
    this.of = of
    this.#repair = repair
    this.#blocks = Array.from({ length: of.blocks }, () => ({
      data: [],
      parity: [],
      dataCame: 0,
      parityCame: 0,
      isWhole: false,
    }))
  }

  /** False for a piece that contradicts what came before: it is of no use. `data` is copied. */
  add(of: PieceOf, kind: 'video' | 'parity', data: Uint8Array): boolean {
    const block = this.#blocks[of.block]
    if (!block || !isSamePicture(this.of, of)) return false
    const pieces = kind === 'video' ? block.data : block.parity
    if (block.isWhole || pieces[of.piece]) return true
    pieces[of.piece] = filled(data, of.pieceBytes)
    this.#heldBytes += of.pieceBytes
    if (kind === 'video') block.dataCame++
    else block.parityCame++
    if (block.dataCame + block.parityCame >= of.pieces) this.#recover(block, of.pieces)
    return true
  }

  get isWhole(): boolean {
    return this.#wholeBlocks === this.#blocks.length
  }

  /** Pieces that did not come, and were made of parity. */
  get recovered(): number {
    return this.#recovered
  }

  /** What it takes of memory. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Places in the picture of pieces that would make it whole, no more than are needed with the parity that came. */
  get missing(): number[] {
    const { blocks, pieceBytes, pictureBytes } = this.of
    const count = Math.ceil(pictureBytes / pieceBytes)
    return this.#blocks.flatMap((block, index) => {
      if (block.isWhole) return []
      const pieces = piecesOfBlock(count, blocks, index)
      const places = Array.from({ length: pieces }, (_, piece) => piece).filter((piece) => !block.data[piece])
      return places.slice(0, pieces - block.dataCame - block.parityCame).map((piece) => piece * blocks + index)
    })
  }

  /** The picture, once it is whole. */
  data(): Uint8Array {
    const { blocks, pieceBytes, pictureBytes } = this.of
    const picture = new Uint8Array(pictureBytes)
    for (let at = 0, index = 0; at < pictureBytes; at += pieceBytes, index++) {
      const piece = this.#blocks[index % blocks]?.data[Math.floor(index / blocks)] as Uint8Array
      picture.set(piece.subarray(0, pictureBytes - at), at)
    }
    return picture
  }

  #recover(block: Block, pieces: number): void {
    if (block.dataCame < pieces) {
      const data = Array.from({ length: pieces }, (_, index) => block.data[index])
      const parity = Array.from(block.parity)
      const { wide, pieceBytes } = this.of
      const whole = wide
        ? this.#repair.wide.recover({ data, parity, pieceBytes })
        : recoverPieces({ data, parity, pieceBytes, coefficients: cauchyFixed }, this.#repair.memory)
      if (!whole) return
      this.#recovered += pieces - block.dataCame
      for (const [index, piece] of whole.entries()) block.data[index] = piece
    }
    block.isWhole = true
    block.parity.length = 0
    this.#wholeBlocks++
  }
}

function isSamePicture(one: PieceOf, other: PieceOf): boolean {
  return (
    one.pieceBytes === other.pieceBytes &&
    one.pictureBytes === other.pictureBytes &&
    one.wide === other.wide &&
    one.blocks === other.blocks &&
    one.key === other.key &&
    one.captureUs === other.captureUs
  )
}

/** A copy of its own, zeros behind it. */
function filled(data: Uint8Array, bytes: number): Uint8Array {
  const piece = new Uint8Array(bytes)
  piece.set(data)
  return piece
}
