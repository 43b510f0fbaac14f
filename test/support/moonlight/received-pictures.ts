import { cauchyBehind } from '../../../src/wire/fec/coefficients.ts'
import { recoverPieces } from '../../../src/wire/fec/recover-pieces.ts'

interface Block {
  readonly data: number
  readonly parity: number
  readonly shards: (Uint8Array | undefined)[]
}

/** Puts pictures together from datagrams as a client does, with what parity can bring back; written from the protocol. */
export class ReceivedPictures {
  /** Whole pictures in Annex B form, by their number. */
  readonly whole = new Map<number, Uint8Array>()
  readonly #open = new Map<number, Map<number, Block>>()

  /** Of a datagram that was decrypted already. */
  take(datagram: Uint8Array): void {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
    const picture = view.getUint32(20, true)
    if (this.whole.has(picture)) return
    const info = view.getUint32(28, true)
    const number = ((datagram[27] as number) >> 4) & 3
    const blocks = ((datagram[27] as number) >> 6) + 1
    const data = info >>> 22
    const parity = Math.ceil((data * ((info >>> 4) & 0xff)) / 100)
    const open = this.#open.get(picture) ?? new Map<number, Block>()
    this.#open.set(picture, open)
    const block = open.get(number) ?? {
      data,
      parity,
      shards: Array.from<Uint8Array | undefined>({ length: data + parity }),
    }
    open.set(number, block)
    // The parity knows nothing of the picture's number and of what is written after it.
    const shard = Uint8Array.from(datagram.subarray(16))
    shard.fill(0, 4, 8)
    shard.fill(0, 12, 16)
    block.shards[(info >>> 12) & 0x3ff] = shard
    if (open.size < blocks) return
    const pieces: Uint8Array[] = []
    for (let index = 0; index < blocks; index++) {
      const { data: count, parity: rows, shards } = open.get(index) as Block
      if (shards.filter((each) => each !== undefined).length < count) return
      const found = recoverPieces({
        data: shards.slice(0, count),
        parity: shards.slice(count),
        pieceBytes: shard.length,
        coefficients: cauchyBehind(rows),
      })
      if (found === undefined) return
      pieces.push(...found.map((piece) => piece.subarray(16)))
    }
    this.#open.delete(picture)
    const [first, ...rest] = pieces as [Uint8Array, ...Uint8Array[]]
    this.whole.set(picture, Buffer.concat([first.subarray(8), ...rest]))
  }
}
