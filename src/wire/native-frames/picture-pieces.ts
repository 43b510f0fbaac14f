import { cauchyFixed, fixedPoints } from '../fec/coefficients.ts'
import type { ParityCoder } from '../fec/parity-coder.ts'
import type { WideCode } from '../fec/wide-code.ts'
import { mostWidePieces, wideRows } from '../fec/wide-rows.ts'
import { WireError } from '../wire-error.ts'
import { encodePiece, maxPictureBytes, mostNarrowPieces, piecesOfBlock, type PieceOf } from './media-piece.ts'

/** A picture as it is cut. */
export type CutPicture = Pick<PieceOf, 'codec' | 'key' | 'captureUs' | 'width' | 'height'> & {
  readonly data: Uint8Array
}

/**
 * One picture in pieces, with as much parity as somebody asks for: made once for all viewers, and of parity no more than the one with
 * the most losses needs.
 */
export class PicturePieces {
  /** `encodePiece` of each, in the order of the picture. */
  readonly pieces: readonly Uint8Array[]
  readonly #head: Omit<PieceOf, 'block' | 'piece' | 'pieces'>
  /** The data of each block, one piece behind the other, the last one filled with zeros. */
  readonly #blocks: readonly Uint8Array[]
  /** Of each block the rows that were made. */
  readonly #rows: readonly Uint8Array[][]
  readonly #coder: ParityCoder
  /** That of a picture that is one wide block. */
  readonly #wide: WideCode | undefined

  /** Throws WireError `out-of-range` for a picture that is empty or too large. */
  constructor(
    { data, ...picture }: CutPicture,
    options: {
      readonly pieceBytes: number
      /** As {@link blocksFor} says, where it is not wide; for half as much parity as there are pieces unless given. */
      readonly blocks?: number
      readonly coder: ParityCoder
      /** Where it is given, a picture that needs it is a wide one; its pieces then have to be of an even length. */
      readonly wide?: WideCode | undefined
    },
  ) {
    const { pieceBytes, coder } = options
    const count = Math.ceil(data.length / pieceBytes)
    this.#wide = count > mostNarrowPieces ? options.wide : undefined
    const blocks = this.#wide ? 1 : (options.blocks ?? blocksFor(data.length, pieceBytes, 50))
    if (data.length === 0 || data.length > maxPictureBytes) {
      throw new WireError(
        'out-of-range',
        `Cannot cut a picture of ${data.length} bytes: wanted 1 to ${maxPictureBytes}`,
      )
    }
    if (this.#wide ? count > mostWidePieces || pieceBytes % 2 !== 0 : blocks > 255 || count / blocks >= fixedPoints) {
      const pieces = `${count} pieces of ${pieceBytes} bytes in ${blocks} blocks`
      throw new WireError('out-of-range', `Cannot cut a picture into ${pieces}`)
    }
    this.#coder = coder
    this.#head = { ...picture, wide: this.#wide !== undefined, blocks, pieceBytes, pictureBytes: data.length }
    this.#blocks = Array.from(
      { length: blocks },
      (_, block) => new Uint8Array(piecesOfBlock(count, blocks, block) * pieceBytes),
    )
    this.#rows = this.#blocks.map(() => [])
    this.pieces = Array.from({ length: count }, (_, index) => {
      const block = index % blocks
      const piece = Math.floor(index / blocks)
      const part = data.subarray(index * pieceBytes, (index + 1) * pieceBytes)
      this.#blocks[block]?.set(part, piece * pieceBytes)
      return encodePiece({ ...this.#head, block, piece, pieces: piecesOfBlock(count, blocks, block) }, part)
    })
  }

  /** So many of each block's pieces in percent, rounded up: the first rows of all blocks, then the second ones. */
  parity(percent: number): readonly Uint8Array[] {
    const rowsOf = this.#wide ? wideRowsFor : rowsFor
    const wanted = this.#blocks.map((block) => rowsOf(block.length / this.#head.pieceBytes, percent))
    for (const [block, rows] of wanted.entries()) this.#make(block, rows)
    const most = Math.max(...wanted)
    return Array.from({ length: most }, (_, row) =>
      this.#rows.flatMap((rows, block) => (row < (wanted[block] as number) ? [rows[row] as Uint8Array] : [])),
    ).flat()
  }

  #make(block: number, wanted: number): void {
    const rows = this.#rows[block] as Uint8Array[]
    const from = rows.length
    if (wanted <= from) return
    const data = this.#blocks[block] as Uint8Array
    const { pieceBytes } = this.#head
    const pieces = data.length / pieceBytes
    // Nearly all that wide rows take is the same for one and for all: those that are there are made again beside the new ones.
    const first = this.#wide ? 0 : from
    const parity = new Uint8Array((wanted - first) * pieceBytes)
    if (this.#wide) this.#wide.encode({ data, parity, pieceBytes })
    else this.#coder.encode({ data, parity, pieceBytes, coefficients: (row, piece) => cauchyFixed(first + row, piece) })
    for (let row = from; row < wanted; row++) {
      const at = (row - first) * pieceBytes
      rows.push(encodePiece({ ...this.#head, block, piece: row, pieces }, parity.subarray(at, at + pieceBytes)))
    }
  }
}

/** Rows for a block of so many pieces. */
export function rowsFor(pieces: number, percent: number): number {
  return Math.min(fixedPoints - pieces, Math.ceil((pieces * percent) / 100))
}

function wideRowsFor(pieces: number, percent: number): number {
  return Math.min(wideRows(pieces), Math.ceil((pieces * percent) / 100))
}

/**
 * In how many blocks a picture of so many bytes is cut for so much parity: as few as there can be, since any piece that is lost takes the
 * place of any other of its block, and of no other's.
 */
export function blocksFor(pictureBytes: number, pieceBytes: number, percent: number): number {
  const count = Math.ceil(pictureBytes / pieceBytes)
  let blocks = Math.max(1, Math.floor(count / fixedPoints))
  const fits = () => {
    const most = Math.ceil(count / blocks)
    return most + Math.ceil((most * percent) / 100) <= fixedPoints && most < fixedPoints
  }
  while (!fits()) blocks++
  return blocks
}
