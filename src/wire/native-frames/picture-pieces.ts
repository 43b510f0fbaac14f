import { cauchyFixed, fixedPoints } from '../fec/coefficients.ts'
import type { ParityCoder } from '../fec/parity-coder.ts'
import { WireError } from '../wire-error.ts'
import { encodePiece, maxPictureBytes, piecesOfBlock, type PieceOf } from './media-piece.ts'

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

  /** Throws WireError `out-of-range` for a picture that is empty or too large. */
  constructor(
    { data, ...picture }: CutPicture,
    options: {
      readonly pieceBytes: number
      /** As {@link blocksFor} says; for half as much parity as there are pieces unless given. */
      readonly blocks?: number
      readonly coder: ParityCoder
    },
  ) {
    const { pieceBytes, coder, blocks = blocksFor(data.length, pieceBytes, 50) } = options
    if (data.length === 0 || data.length > maxPictureBytes) {
      throw new WireError(
        'out-of-range',
        `Cannot cut a picture of ${data.length} bytes: wanted 1 to ${maxPictureBytes}`,
      )
    }
    const count = Math.ceil(data.length / pieceBytes)
    if (blocks > 255 || count / blocks >= fixedPoints) {
      throw new WireError('out-of-range', `Cannot cut a picture into ${count} pieces in ${blocks} blocks`)
    }
    this.#coder = coder
    this.#head = { ...picture, blocks, pieceBytes, pictureBytes: data.length }
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
    const wanted = this.#blocks.map((block) => rowsFor(block.length / this.#head.pieceBytes, percent))
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
    const parity = new Uint8Array((wanted - from) * pieceBytes)
    this.#coder.encode({ data, parity, pieceBytes, coefficients: (row, piece) => cauchyFixed(from + row, piece) })
    const pieces = data.length / pieceBytes
    for (let row = from; row < wanted; row++) {
      const at = (row - from) * pieceBytes
      rows.push(encodePiece({ ...this.#head, block, piece: row, pieces }, parity.subarray(at, at + pieceBytes)))
    }
  }
}

/** Rows for a block of so many pieces. */
export function rowsFor(pieces: number, percent: number): number {
  return Math.min(fixedPoints - pieces, Math.ceil((pieces * percent) / 100))
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
