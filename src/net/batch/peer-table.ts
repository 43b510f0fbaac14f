import { randomBytes } from 'node:crypto'
import { addressBytes, addressText, type WireAddress } from '../../wire/address-bytes.ts'

/** sys/socket.h */
const families = { inet: 2, inet6: 10 } as const
/** `struct sockaddr_in`: family, port, address; `struct sockaddr_in6`: family, port, flow, address, scope. In words of 32 bits. */
const nameWords = { inet: 2, inet6: 7 } as const
/** With the eight bytes of `sockaddr_in` that say nothing. */
const inetWords = 4
const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** Where datagrams come from and go to, as the system has it; the text is made when somebody reads it. */
export class Peer implements WireAddress {
  readonly port: number
  readonly name: Int32Array<ArrayBuffer>
  /** The batch in which a message is open that more may be put to, and which of it that is. */
  openIn = -1
  open = 0
  /** What goes there goes one by one: the network on the way takes nothing that is to be cut. */
  isPlain = false
  #address: string | undefined

  constructor(name: Int32Array<ArrayBuffer>) {
    this.name = name
    const [first = 0] = name
    this.port = ((first >>> 8) & 0xff00) | (first >>> 24)
  }

  get address(): string {
    this.#address ??= textOf(new Uint8Array(this.name.buffer))
    return this.#address
  }
}

/** The name of `to` for a socket of that family; undefined for what is no address of it. */
export function socketName({ address, port }: WireAddress, isDual: boolean): Int32Array<ArrayBuffer> | undefined {
  const plain = addressBytes(address.replace(/%.*$/, ''))
  if (!plain || (plain.length === 16 && !isDual)) return undefined
  const name = new Int32Array(isDual ? nameWords.inet6 : inetWords)
  const bytes = new Uint8Array(name.buffer)
  new DataView(name.buffer).setUint16(0, isDual ? families.inet6 : families.inet, true)
  new DataView(name.buffer).setUint16(2, port)
  if (!isDual) bytes.set(plain, 4)
  else bytes.set(plain.length === 4 ? [...mappedPrefix, ...plain] : plain, 8)
  return name
}

function textOf(name: Uint8Array): string {
  if (name.length === inetWords * 4) return addressText(name.subarray(4, 8))
  const address = name.subarray(8, 24)
  const isMapped = mappedPrefix.every((byte, at) => address[at] === byte)
  return addressText(isMapped ? address.subarray(12) : address)
}

/** Sets, of two peers each. */
const sets = 2 ** 15

/**
 * The peers that datagrams have come from lately, found by the system's own bytes, so that a datagram of somebody known makes no text and
 * no object. One that was pushed out is made anew, and is not the same object then. Strangers cannot tell whom they push out.
 */
export class PeerTable {
  readonly #peers: (Peer | undefined)[] = Array.from({ length: 2 * sets })
  readonly #seed = randomBytes(4).readInt32LE()

  /** Whose name begins at that word. */
  find(words: Int32Array, at: number): Peer {
    const isInet = ((words[at] ?? 0) & 0xffff) === families.inet
    const length = isInet ? nameWords.inet : nameWords.inet6
    let hash = this.#seed
    for (let word = 0; word < length; word++)
      hash = Math.imul(hash ^ (words[at + word] ?? 0), 0x9e37_79b1) ^ (hash >>> 15)
    const first = ((hash ^ (hash >>> 16)) & (sets - 1)) * 2
    const peer = this.#peers[first]
    if (peer && isNamed(peer, words, at, length)) return peer
    const second = this.#peers[first + 1]
    if (second && isNamed(second, words, at, length)) return second
    const fresh = new Peer(words.slice(at, at + (isInet ? inetWords : nameWords.inet6)))
    this.#peers[first + 1] = peer
    this.#peers[first] = fresh
    return fresh
  }
}

function isNamed({ name }: Peer, words: Int32Array, at: number, length: number): boolean {
  for (let word = 0; word < length; word++) if (name[word] !== words[at + word]) return false
  return true
}
