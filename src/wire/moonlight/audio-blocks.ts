import { audioCoefficients } from '../fec/coefficients.ts'
import { plainParity } from '../fec/parity-coder.ts'

/**
 * Sound in GameStream: packets of Opus at a constant rate, and after each four of them two of parity, from which any two that
 * are lost can be made again. Big endian.
 *
 *     data:    | 80 | 97  | sequence (16) | milliseconds (32) | 0 (32) | Opus, perhaps encrypted |
 *     parity:  | 80 | 127 | sequence (16) | 0 (32) | 0 (32) | row (8) | 97 | first sequence (16) | its time (32) | 0 (32) | parity |
 */
const headBytes = 12
const parityHeadBytes = 24
const dataType = 97
const parityType = 127
const dataOfBlock = 4
const parityOfBlock = 2

/** The datagrams of one stream of sound. Sequence numbers begin at 0, and a block at a multiple of four. */
export class AudioBlocks {
  readonly #packetMs: number
  #sequence = 0
  #timestamp = 0
  #block: Uint8Array[] = []

  constructor(packetMs: number) {
    this.#packetMs = packetMs
  }

  /** The number of the next packet, which its encryption depends on. */
  get sequence(): number {
    return this.#sequence
  }

  /**
   * The datagrams to be sent for the next packet: itself, and after the fourth of a block its parity. There is none for a block whose
   * packets differ in length: a client would not use parity ever again.
   */
  push(payload: Uint8Array): Uint8Array[] {
    const datagrams = [dataDatagram(payload, this.#sequence, this.#timestamp)]
    this.#block.push(payload)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#timestamp = (this.#timestamp + this.#packetMs) >>> 0
    if (this.#block.length < dataOfBlock) return datagrams
    const payloads = this.#block
    this.#block = []
    const bytes = payload.length
    if (payloads.some((other) => other.length !== bytes)) return datagrams
    const data = new Uint8Array(dataOfBlock * bytes)
    for (const [index, part] of payloads.entries()) data.set(part, index * bytes)
    const parity = new Uint8Array(parityOfBlock * bytes)
    plainParity.encode({ data, parity, pieceBytes: bytes, coefficients: audioCoefficients })
    for (let row = 0; row < parityOfBlock; row++) {
      datagrams.push(this.#parityDatagram(row, parity.subarray(row * bytes, (row + 1) * bytes)))
    }
    return datagrams
  }

  #parityDatagram(row: number, parity: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(parityHeadBytes + parity.length)
    const view = new DataView(bytes.buffer)
    view.setUint8(0, 0x80)
    view.setUint8(1, parityType)
    view.setUint16(2, (this.#sequence + row) & 0xffff)
    view.setUint8(headBytes, row)
    view.setUint8(headBytes + 1, dataType)
    view.setUint16(headBytes + 2, (this.#sequence - dataOfBlock) & 0xffff)
    view.setUint32(headBytes + 4, (this.#timestamp - dataOfBlock * this.#packetMs) >>> 0)
    bytes.set(parity, parityHeadBytes)
    return bytes
  }
}

function dataDatagram(payload: Uint8Array, sequence: number, timestamp: number): Uint8Array {
  const bytes = new Uint8Array(headBytes + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 0x80)
  view.setUint8(1, dataType)
  view.setUint16(2, sequence)
  view.setUint32(4, timestamp)
  bytes.set(payload, headBytes)
  return bytes
}
