import { codecFacts, codecOfNumber, type VideoCodec } from '../../domain/video-codec.ts'
import { fixedPoints } from '../fec/coefficients.ts'
import { mostWidePieces, wideRows } from '../fec/wide-rows.ts'
import { WireError } from '../wire-error.ts'

/**
 * Pieces of pictures, their parity, and sound, as datagrams of the kinds video, parity and audio have them. Big-endian; times are
 * microseconds of the host's monotonic clock. What belongs to one viewer alone stands in front: its numbers of the packet and of the
 * picture; all behind it is made once for all of them.
 *
 *     video  | number (48) | picture (32) |
 *            | flags (8) | block (8) | blocks (8) | piece (8) | pieces (8) | piece bytes (16) |
 *            | picture bytes (32) | captured (f64) | width (16) | height (16) | data ...
 *     parity | the same, with the row in the place of the piece |
 *     audio  | captured (f64) | position (f64) | bytes (16) | bytes before (16) | Opus ... | the packet before it ... |
 *
 *     flags  | 0 0 0 0 0 | wide | VP8, else H.264 | key picture |
 *
 *     wide   | flags (8) | piece (16) | pieces (16) | ... and on as the others
 *
 * A picture is cut into pieces of one length, the last of which is filled with zeros when parity is made of it. Piece `p` of block `b`
 * is the piece `p * blocks + b` of the picture, so that a burst of losses falls upon all of its blocks. Every piece tells all of the
 * picture: whichever comes first is enough to begin with. A packet that has its numbers alone is padding.
 *
 * A picture of more than {@link mostNarrowPieces} is a single **wide** block, whose parity is that of `wide-code.ts`, where the receiving end
 * has said that it takes those (`abilities.ts`), and several blocks where it has not.
 */
export interface PieceOf {
  readonly codec: VideoCodec
  readonly key: boolean
  /** It is one block, however large. */
  readonly wide: boolean
  readonly block: number
  readonly blocks: number
  /** Of a piece its place in its block, of parity its row. */
  readonly piece: number
  /** Of data in this block. */
  readonly pieces: number
  /** Of each piece but the last one of a picture. */
  readonly pieceBytes: number
  readonly pictureBytes: number
  readonly captureUs: number
  readonly width: number
  readonly height: number
}

export interface SoundPiece {
  readonly captureUs: number
  /** Place of its first sample at 48 kHz. */
  readonly positionSamples: number
  readonly data: Uint8Array
  /** The packet of sound before it once more; empty without. */
  readonly before: Uint8Array
}

/** What belongs to one viewer alone. */
export interface PieceNumbers {
  /** Of the packet: grows by one with each that is sent, of pictures, their parity and padding. */
  readonly number: number
  /** Of the picture: grows by one with each that is sent. */
  readonly picture: number
}

/** What a picture's packet of one viewer begins with. */
export const pieceOwnBytes = 10
const headBytes = 23
const soundHeadBytes = 20
const keyFlag = 1
const codecShift = 1
const codecMask = 1
const wideFlag = 4
const knownFlags = keyFlag | (codecMask << codecShift) | wideFlag
/** With half as many rows, which is the most that is ever sent, they fill the points of a byte. */
export const mostNarrowPieces = 170
/** A key picture of 4K has about a tenth of it. */
export const maxPictureBytes = 4 * 1024 * 1024
/** RFC 6716, section 3.2.1: a packet of one frame. */
const maxSoundBytes = 1276

/** What stands behind the number: the head and its data. */
export function encodePiece(of: PieceOf, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headBytes + data.length)
  const view = new DataView(bytes.buffer)
  const codec = (codecFacts[of.codec].number - 1) << codecShift
  view.setUint8(0, (of.key ? keyFlag : 0) | codec | (of.wide ? wideFlag : 0))
  if (of.wide) {
    view.setUint16(1, of.piece)
    view.setUint16(3, of.pieces)
  } else {
    view.setUint8(1, of.block)
    view.setUint8(2, of.blocks)
    view.setUint8(3, of.piece)
    view.setUint8(4, of.pieces)
  }
  view.setUint16(5, of.pieceBytes)
  view.setUint32(7, of.pictureBytes)
  view.setFloat64(11, of.captureUs)
  view.setUint16(19, of.width)
  view.setUint16(21, of.height)
  bytes.set(data, headBytes)
  return bytes
}

/** Of one viewer; `into` has {@link pieceOwnBytes} bytes. */
export function writePieceNumbers(into: Uint8Array, { number, picture }: PieceNumbers): void {
  const view = new DataView(into.buffer, into.byteOffset)
  view.setUint16(0, Math.floor(number / 2 ** 32))
  view.setUint32(2, number % 2 ** 32)
  view.setUint32(6, picture)
}

/** What one packet of video or parity is. */
export interface NumberedPiece extends PieceNumbers {
  /** Undefined for padding, which has a number and means nothing else. */
  readonly of: PieceOf | undefined
  readonly data: Uint8Array
}

/** A whole datagram of video or parity. Throws WireError; the data shares the memory of `bytes`. */
export function decodePiece(bytes: Uint8Array, kind: 'video' | 'parity'): NumberedPiece {
  if (bytes.length < pieceOwnBytes) throw tooShort('a piece of a picture')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = { number: view.getUint16(0) * 2 ** 32 + view.getUint32(2), picture: view.getUint32(6) }
  if (bytes.length === pieceOwnBytes) return { ...numbers, of: undefined, data: bytes.subarray(pieceOwnBytes) }
  const at = pieceOwnBytes
  if (bytes.length <= at + headBytes) throw tooShort('a piece of a picture')
  const flags = view.getUint8(at)
  const codec = codecOfNumber(((flags >> codecShift) & codecMask) + 1)
  if (!codec || flags > knownFlags) throw new WireError('malformed', 'Cannot read a piece of a picture: unknown flags')
  const of = {
    codec,
    key: (flags & keyFlag) !== 0,
    ...((flags & wideFlag) === 0
      ? {
          wide: false,
          block: view.getUint8(at + 1),
          blocks: view.getUint8(at + 2),
          piece: view.getUint8(at + 3),
          pieces: view.getUint8(at + 4),
        }
      : { wide: true, block: 0, blocks: 1, piece: view.getUint16(at + 1), pieces: view.getUint16(at + 3) }),
    pieceBytes: view.getUint16(at + 5),
    pictureBytes: view.getUint32(at + 7),
    captureUs: readTime(view, at + 11),
    width: view.getUint16(at + 19),
    height: view.getUint16(at + 21),
  }
  const data = bytes.subarray(at + headBytes)
  if (!isWhole(of, kind)) throw new WireError('malformed', 'Cannot read a piece of a picture: it contradicts itself')
  if (data.length !== (kind === 'parity' ? of.pieceBytes : dataBytesOf(of))) {
    throw new WireError('malformed', 'Cannot read a piece of a picture: it has another length than it says')
  }
  return { ...numbers, of, data }
}

/** How much of the picture a piece of data has. */
function dataBytesOf({ piece, block, blocks, pieceBytes, pictureBytes }: PieceOf): number {
  return Math.min(pieceBytes, pictureBytes - (piece * blocks + block) * pieceBytes)
}

function isWhole(of: PieceOf, kind: 'video' | 'parity'): boolean {
  const { block, blocks, piece, pieces, pieceBytes, pictureBytes } = of
  if (pieceBytes === 0 || pictureBytes === 0 || pictureBytes > maxPictureBytes) return false
  const inAll = Math.ceil(pictureBytes / pieceBytes)
  if (block >= blocks || pieces !== piecesOfBlock(inAll, blocks, block) || pieces === 0) return false
  if (of.wide) {
    if (pieces <= mostNarrowPieces || pieces > mostWidePieces || pieceBytes % 2 !== 0) return false
    return piece < (kind === 'parity' ? wideRows(pieces) : pieces)
  }
  return piece < (kind === 'parity' ? fixedPoints - pieces : pieces)
}

/** How many of the pieces of a picture are in one of its blocks. */
export function piecesOfBlock(pieces: number, blocks: number, block: number): number {
  return Math.floor((pieces - block + blocks - 1) / blocks)
}

/** Throws WireError `out-of-range` for sound that is empty or longer than a packet can be. */
export function encodeSoundPiece({ captureUs, positionSamples, data, before }: SoundPiece): Uint8Array {
  if (data.length === 0 || data.length > maxSoundBytes || before.length > maxSoundBytes) {
    throw new WireError('out-of-range', `Cannot send sound of ${data.length} bytes, wanted 1 to ${maxSoundBytes}`)
  }
  const bytes = new Uint8Array(soundHeadBytes + data.length + before.length)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, captureUs)
  view.setFloat64(8, positionSamples)
  view.setUint16(16, data.length)
  view.setUint16(18, before.length)
  bytes.set(data, soundHeadBytes)
  bytes.set(before, soundHeadBytes + data.length)
  return bytes
}

/** Throws WireError. The data shares the memory of `bytes`. */
export function decodeSoundPiece(bytes: Uint8Array): SoundPiece {
  if (bytes.length <= soundHeadBytes) throw tooShort('sound')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [own, before] = [view.getUint16(16), view.getUint16(18)]
  if (own === 0 || own > maxSoundBytes || before > maxSoundBytes || bytes.length !== soundHeadBytes + own + before) {
    throw new WireError('malformed', 'Cannot read sound: it has another length than it says')
  }
  return {
    captureUs: readTime(view, 0),
    positionSamples: readTime(view, 8),
    data: bytes.subarray(soundHeadBytes, soundHeadBytes + own),
    before: bytes.subarray(soundHeadBytes + own),
  }
}

function readTime(view: DataView, at: number): number {
  const time = view.getFloat64(at)
  if (!Number.isFinite(time)) throw new WireError('malformed', 'Cannot read media: a time that is no number')
  return time
}

function tooShort(what: string): WireError {
  return new WireError('too-short', `Cannot read ${what}: it ends before its data`)
}
