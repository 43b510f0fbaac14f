import { SoundError } from '../sound-error.ts'

/** Longest packet that is taken: what is asked for here has short answers. */
const longestPacket = 64 * 1024

/** Channel of packets that hold commands and answers, and no sound. */
const controlChannel = 0xffffffff

const headerLength = 20

/**
 * A packet of PulseAudio's native protocol (pulsecore/pstream.c), each field a u32, big-endian:
 *
 *     length | channel | offset, high | offset, low | flags | payload
 */
export function encodePacket(payload: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(headerLength + payload.length)
  bytes.writeUInt32BE(payload.length, 0)
  bytes.writeUInt32BE(controlChannel, 4)
  bytes.set(payload, headerLength)
  return bytes
}

/** Cuts a stream of bytes into the payloads of its packets. */
export class PacketReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The packets that are complete now. Throws `bad-answer` for one that is too long. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const packets: Buffer[] = []
    while (this.#rest.length >= headerLength) {
      const length = this.#rest.readUInt32BE(0)
      if (length > longestPacket)
        throw new SoundError('bad-answer', `The sound server sent a packet of ${length} bytes`)
      if (this.#rest.length < headerLength + length) break
      packets.push(this.#rest.subarray(headerLength, headerLength + length))
      this.#rest = this.#rest.subarray(headerLength + length)
    }
    return packets
  }
}
