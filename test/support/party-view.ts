/** Who is in a party, where each is and who its host is, with a print that is the same for the same. */
export class PartyView {
  hostId = ''
  readonly #peers = new Map<string, number>()
  #low = 0
  #high = 0

  get print(): string {
    return `${this.hostId} ${this.#peers.size} ${this.#low} ${this.#high}`
  }

  put(peerId: string, port: number): void {
    this.remove(peerId)
    this.#peers.set(peerId, port)
    this.#mix(peerId, port)
  }

  remove(peerId: string): void {
    const port = this.#peers.get(peerId)
    if (port === undefined) return
    this.#peers.delete(peerId)
    this.#mix(peerId, port)
  }

  clear(): void {
    this.#peers.clear()
    this.#low = this.#high = 0
  }

  /** Its own inverse, whatever the order. */
  #mix(peerId: string, port: number): void {
    const [low, high] = mixOf(peerId, port)
    this.#low ^= low
    this.#high ^= high
  }
}

const mixes = new Map<string, readonly [number, number]>()

/** FNV-1a, from two beginnings. */
function mixOf(peerId: string, port: number): readonly [number, number] {
  const key = `${peerId}:${port}`
  let mix = mixes.get(key)
  if (!mix) {
    const hash = (from: number) => {
      let value = from
      for (let index = 0; index < key.length; index++) value = Math.imul(value ^ key.charCodeAt(index), 0x01000193)
      return value
    }
    mix = [hash(0x811c9dc5 | 0), hash(0x2545f491)]
    mixes.set(key, mix)
  }
  return mix
}
