/**
 * A time that machines can read off a picture, whatever scaled, coded and carried it.
 *
 * One row of {@link barcodeCells} cells, black for 0 and white for 1, near the lower edge, centred. All measures are
 * fractions of the picture's width or height, so that it is found at any size:
 *
 *     cell    0     1     2 ... 33             34 ... 41         42    43
 *             white black time, high bit first CRC-8 of the time black white
 *
 * The time is the low 32 bits of the milliseconds since the Unix epoch. The first two cells give the levels of white and
 * black, the last two prove that nothing has shifted. CRC-8 has polynomial 0x07 and starts with 0xff, so that neither a
 * black nor a white row is a time.
 */
export const barcodeCells = 44

/** Width of a cell, as a fraction of the picture's width. */
export const barcodeCellWidth = 1 / 64

/** Left edge of cell 0, as a fraction of the picture's width. */
export const barcodeLeft = (1 - barcodeCells * barcodeCellWidth) / 2

/** Upper edge of the row, as a fraction of the picture's height. */
export const barcodeTop = 0.92

/** Height of the row, as a fraction of the picture's height. */
export const barcodeHeight = 0.035

const timeBits = 32
const crcBits = 8
const firstTimeCell = 2
const trailer = [false, true] as const

/** Least difference between white and black, of 255, that is still trusted. */
const minContrast = 60

/** The cells for a time in milliseconds since the Unix epoch; true is white. */
export function encodeTimeBarcode(epochMs: number): boolean[] {
  const time = (Math.floor(epochMs) % 2 ** timeBits) >>> 0
  return [true, false, ...bitsOf(time, timeBits), ...bitsOf(crc8(time), crcBits), ...trailer]
}

/** RGBA pixels, like a canvas' ImageData. */
export interface RgbaImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array | Uint8ClampedArray
}

/** The time on a picture: the low 32 bits of its milliseconds since the Unix epoch; undefined when there is none. */
export function decodeTimeBarcode(image: RgbaImage): number | undefined {
  const levels = Array.from({ length: barcodeCells }, (_, cell) => greenAt(image, cell))
  const [white = 0, black = 0] = levels
  if (white - black < minContrast) return undefined
  const cells = levels.map((level) => level > (white + black) / 2)
  const time = numberOf(cells.slice(firstTimeCell, firstTimeCell + timeBits))
  const crc = numberOf(cells.slice(firstTimeCell + timeBits, firstTimeCell + timeBits + crcBits))
  const ends = cells.slice(firstTimeCell + timeBits + crcBits)
  return crc === crc8(time) && ends.every((cell, index) => cell === trailer[index]) ? time : undefined
}

/** Milliseconds from the time on the picture to `epochMs`, right across the wrap of the 32 bits. */
export function barcodeAgeMs(time: number, epochMs: number): number {
  const now = (Math.floor(epochMs) % 2 ** timeBits) >>> 0
  return (now - time) | 0
}

/** Mean green level around the middle of a cell; the decoders' chroma errors touch green the least. */
function greenAt(image: RgbaImage, cell: number): number {
  const x = Math.round((barcodeLeft + (cell + 0.5) * barcodeCellWidth) * image.width)
  const y = Math.round((barcodeTop + barcodeHeight / 2) * image.height)
  let sum = 0
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) sum += image.data[((y + dy) * image.width + x + dx) * 4 + 1] ?? 0
  }
  return sum / 9
}

function bitsOf(value: number, count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => ((value >>> (count - 1 - index)) & 1) === 1)
}

function numberOf(bits: readonly boolean[]): number {
  return bits.reduce((value, bit) => ((value << 1) | (bit ? 1 : 0)) >>> 0, 0)
}

function crc8(value: number): number {
  let crc = 0xff
  for (let shift = 24; shift >= 0; shift -= 8) {
    crc ^= (value >>> shift) & 0xff
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1
  }
  return crc
}
