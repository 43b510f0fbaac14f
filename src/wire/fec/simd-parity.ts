import { fieldMemory, lanes, PlainMemory, type FieldMemory } from './field-memory.ts'
import { piecesOf, plainParity, type ParityCode, type ParityCoder } from './parity-coder.ts'

/** The fastest that this machine has. */
export function bestParity(): ParityCoder {
  const memory = fieldMemory()
  return memory instanceof PlainMemory ? plainParity : new SimdParity(memory)
}

/** Data and parity stand in the memory one piece behind the other. */
class SimdParity implements ParityCoder {
  readonly #memory: FieldMemory

  constructor(memory: FieldMemory) {
    this.#memory = memory
  }

  encode(code: ParityCode): void {
    const { pieces, rows } = piecesOf(code)
    const { data, parity, pieceBytes, coefficients } = code
    const memory = this.#memory
    const laneBytes = Math.ceil(pieceBytes / lanes) * lanes
    const parityAt = pieces * laneBytes
    memory.reserve(parityAt + rows * laneBytes)
    const { bytes } = memory
    for (let piece = 0; piece < pieces; piece++) {
      bytes.set(data.subarray(piece * pieceBytes, (piece + 1) * pieceBytes), piece * laneBytes)
    }
    bytes.fill(0, parityAt, parityAt + rows * laneBytes)
    for (let row = 0; row < rows; row++) {
      const to = parityAt + row * laneBytes
      for (let piece = 0; piece < pieces; piece++) {
        memory.addMultiple(to, piece * laneBytes, laneBytes, coefficients(row, piece))
      }
      parity.set(bytes.subarray(to, to + pieceBytes), row * pieceBytes)
    }
  }
}
