interface Block {
  readonly picture: number
  readonly index: number
  readonly blocks: number
  readonly data: number
  readonly parity: number
  readonly percent: number
  readonly came: Set<number>
}

/** What a stock client tells of a block that needed its parity: 21 bytes, big endian. */
export interface BlockStatus {
  readonly isRepaired: boolean
  readonly payload: Uint8Array
}

/** Follows the blocks of pictures as a stock client does, written from the protocol: which came, were made whole, or are lost. */
export class BlockLedger {
  readonly counts = { whole: 0, repaired: 0, lost: 0 }
  #open: Block | undefined
  /** What is at the place of a block, or before it, is late. */
  #next = { picture: 0, index: 0 }

  /** Takes a datagram that was decrypted already. What the client tells of it then. */
  take(datagram: Uint8Array): BlockStatus[] {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
    const info = view.getUint32(28, true)
    const place = { picture: view.getUint32(20, true), index: ((datagram[27] as number) >> 4) & 3 }
    if (isBefore(place, this.#next)) return []
    const told: BlockStatus[] = []
    if (this.#open && isBefore(this.#open, place)) {
      told.push(statusOf(this.#open, false))
      this.counts.lost++
      this.#open = undefined
    }
    const data = info >>> 22
    const percent = (info >>> 4) & 0xff
    const parity = Math.ceil((data * percent) / 100)
    const blocks = ((datagram[27] as number) >> 6) + 1
    const block = (this.#open ??= { ...place, blocks, data, parity, percent, came: new Set() })
    block.came.add((info >>> 12) & 0x3ff)
    if (block.came.size < data) return told
    const isWhole = [...block.came].every((shard) => shard < data)
    if (!isWhole) told.push(statusOf(block, true))
    this.counts[isWhole ? 'whole' : 'repaired']++
    this.#next =
      place.index + 1 < blocks ? { ...place, index: place.index + 1 } : { picture: place.picture + 1, index: 0 }
    this.#open = undefined
    return told
  }
}

interface Place {
  readonly picture: number
  readonly index: number
}

function isBefore(one: Place, other: Place): boolean {
  return one.picture < other.picture || (one.picture === other.picture && one.index < other.index)
}

function statusOf({ picture, index, blocks, data, parity, percent, came }: Block, isRepaired: boolean): BlockStatus {
  const highest = Math.max(...came)
  const dataCame = [...came].filter((shard) => shard < data).length
  const payload = Buffer.alloc(21)
  payload.writeUInt32BE(picture)
  payload.writeUInt16BE(highest, 4)
  payload.writeUInt16BE(highest + 1 - came.size, 8)
  payload.writeUInt16BE(data, 10)
  payload.writeUInt16BE(parity, 12)
  payload.writeUInt16BE(dataCame, 14)
  payload.writeUInt16BE(came.size - dataCame, 16)
  payload.set([percent, index, blocks], 18)
  return { isRepaired, payload }
}
