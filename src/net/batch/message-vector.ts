import type { Libc } from './libc.ts'

/**
 * An array of `struct mmsghdr` (recvmmsg(2)) in memory of its own, on a machine of 64 bits and little-endian, as all that Node runs on under
 * Linux are: each with room for an address, for one control message, and for the pieces that it is gathered from. In words of 32 bits:
 *
 *     | name (2) | name length | | pieces (2) | how many (2) | control (2) | its length (2) | flags | | bytes moved | |
 */
const headerWords = 16
const [atName, atNameLength, atPieces, atPieceCount, atControl, atControlLength, atMoved] = [0, 2, 4, 6, 8, 10, 14]
/** `struct sockaddr_in6` is 28 bytes, `struct sockaddr_in` 16. */
const nameWords = 8
/** `struct cmsghdr` with one number in it. */
const controlWords = 6
const controlHeadBytes = 16
/** `struct iovec`: | address (2) | bytes (2) | */
const pieceWords = 4
const headerBytes = headerWords * 4
const nameBytes = 28
const controlBytes = controlWords * 4
const upper = 2 ** 32

export class MessageVector {
  /** Where the array begins. */
  readonly address: bigint
  readonly #words: Int32Array
  /** Of each message. */
  readonly #addresses: readonly bigint[]
  readonly #names: number
  readonly #controls: number
  readonly #pieces: number
  readonly #piecesEach: number

  constructor(libc: Libc, { messages, piecesEach }: { readonly messages: number; readonly piecesEach: number }) {
    this.#names = messages * headerWords
    this.#controls = this.#names + messages * nameWords
    this.#pieces = this.#controls + messages * controlWords
    this.#piecesEach = piecesEach
    const buffer = new ArrayBuffer((this.#pieces + messages * piecesEach * pieceWords) * 4)
    this.#words = new Int32Array(buffer)
    this.address = libc.addressOf(buffer)
    this.#addresses = Array.from({ length: messages }, (_, message) => this.address + BigInt(message * headerBytes))
    const start = Number(this.address)
    for (let message = 0; message < messages; message++) {
      const at = message * headerWords
      this.#point(at + atName, start + this.nameOf(message) * 4)
      this.#point(at + atPieces, start + this.#pieceOf(message, 0) * 4)
      this.#point(at + atControl, start + this.#controlOf(message) * 4)
    }
  }

  /** Names, by the word at which they begin. */
  get names(): Int32Array {
    return this.#words
  }

  nameOf(message: number): number {
    return this.#names + message * nameWords
  }

  /** Where the array goes on from that message. */
  from(message: number): bigint {
    return this.#addresses[message] ?? this.address
  }

  /** Gives a message room for an address and a control message of whoever sends. */
  clear(message: number): void {
    const at = message * headerWords
    this.#words[at + atNameLength] = nameBytes
    this.#words[at + atControlLength] = controlBytes
    this.#words[this.#controlOf(message)] = 0
  }

  /** Whom it goes to. */
  nameTo(message: number, name: Int32Array): void {
    const at = this.nameOf(message)
    for (let word = 0; word < name.length; word++) this.#words[at + word] = name[word] ?? 0
    this.#words[message * headerWords + atNameLength] = name.length * 4
  }

  /** Bytes that were received as this message. */
  moved(message: number): number {
    return this.#words[message * headerWords + atMoved] ?? 0
  }

  setPiece(message: number, piece: number, address: number, bytes: number): void {
    const at = this.#pieceOf(message, piece)
    this.#point(at, address)
    this.#words[at + 2] = bytes
    this.#words[message * headerWords + atPieceCount] = piece + 1
  }

  pieceCount(message: number): number {
    return this.#words[message * headerWords + atPieceCount] ?? 0
  }

  pieceAddress(message: number, piece: number): number {
    const at = this.#pieceOf(message, piece)
    return ((this.#words[at] ?? 0) >>> 0) + (this.#words[at + 1] ?? 0) * upper
  }

  pieceBytes(message: number, piece: number): number {
    return this.#words[this.#pieceOf(message, piece) + 2] ?? 0
  }

  /** Has no control message go with it. */
  controlNone(message: number): void {
    this.#words[message * headerWords + atControlLength] = 0
  }

  /** The one control message: a number of two bytes that goes with the message. */
  control(message: number, level: number, type: number, value: number): void {
    this.#words[message * headerWords + atControlLength] = controlBytes
    const at = this.#controlOf(message)
    this.#words[at] = controlHeadBytes + 2
    this.#words[at + 2] = level
    this.#words[at + 3] = type
    this.#words[at + 4] = value
  }

  /** The number that came as a control message of that type; undefined when none did. */
  controlOf(message: number, level: number, type: number): number | undefined {
    const at = this.#controlOf(message)
    const isThere = (this.#words[message * headerWords + atControlLength] ?? 0) > controlHeadBytes
    return isThere && this.#words[at + 2] === level && this.#words[at + 3] === type ? this.#words[at + 4] : undefined
  }

  #controlOf(message: number): number {
    return this.#controls + message * controlWords
  }

  #pieceOf(message: number, piece: number): number {
    return this.#pieces + (message * this.#piecesEach + piece) * pieceWords
  }

  #point(at: number, address: number): void {
    this.#words[at] = (address % upper) | 0
    this.#words[at + 1] = Math.trunc(address / upper)
  }
}
