import { createCipheriv } from 'node:crypto'
import { AudioBlocks } from '../../wire/moonlight/audio-blocks.ts'
import type { SoundPacket } from './packets.ts'

/** The datagrams of one viewer's sound: cut to the length that it takes, encrypted when it wants that, with their parity. */
export class SoundDatagrams {
  readonly #blocks: AudioBlocks
  readonly #packetMs: 5 | 10
  readonly #cipher: { readonly key: Uint8Array; readonly keyId: number } | undefined

  constructor(packetMs: 5 | 10, cipher: { readonly key: Uint8Array; readonly keyId: number } | undefined) {
    this.#blocks = new AudioBlocks(packetMs)
    this.#packetMs = packetMs
    this.#cipher = cipher
  }

  of({ whole, halves }: SoundPacket): Uint8Array[] {
    const packets = this.#packetMs === 10 ? [whole] : halves
    return packets.flatMap((packet) => this.#blocks.push(this.#encrypted(packet)))
  }

  #encrypted(packet: Uint8Array): Uint8Array {
    if (this.#cipher === undefined) return packet
    const nonce = Buffer.alloc(16)
    nonce.writeUInt32BE((this.#cipher.keyId + this.#blocks.sequence) >>> 0)
    const encryption = createCipheriv('aes-128-cbc', this.#cipher.key, nonce)
    return Buffer.concat([encryption.update(packet), encryption.final()])
  }
}
