import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { PartyError } from '../contract/party-error.ts'

/** The addresses of a party's virtual network. Its first one is the network's own, the last one that for all (RFC 919). */
export class VirtualRange {
  /** How many peers have room. */
  readonly size: number
  readonly #base: number
  readonly #prefix: number

  /** Of "10.66.0.0/16". Throws PartyError `invalid` for what is no range of 8 to 65,534 addresses. */
  constructor(text: string) {
    const [, base = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? []
    this.#prefix = Number(bits)
    if (!isIPv4(base) || this.#prefix < 16 || this.#prefix > 29) {
      throw new PartyError('invalid', `Cannot use "${text}" as a range of addresses: wanted one like 10.66.0.0/16`)
    }
    this.size = 2 ** (32 - this.#prefix) - 2
    this.#base = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    if (this.#base % (this.size + 2) !== 0) {
      throw new PartyError('invalid', `Cannot use "${text}" as a range of addresses: its address is not the first one`)
    }
  }

  /** "10.66.0.1" of 1. */
  addressOf(number: number): string {
    const value = this.#base + number
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
  }

  /** "10.66.0.1/16", as an interface is given it. */
  interfaceAddressOf(number: number): string {
    return `${this.addressOf(number)}/${this.#prefix}`
  }

  /** Where the search for a free number begins: the same for a peer in every party, so that its address rarely changes. */
  preferredOf(peerId: string): number {
    return (createHash('sha256').update(peerId).digest().readUInt32BE(0) % this.size) + 1
  }

  /** The first number from the preferred one on that nobody has; undefined when all are taken. */
  freeFor(peerId: string, taken: ReadonlySet<number>): number | undefined {
    if (taken.size >= this.size) return undefined
    let number = this.preferredOf(peerId)
    while (taken.has(number)) number = (number % this.size) + 1
    return number
  }
}
