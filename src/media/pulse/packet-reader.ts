import { PulseError } from './pulse-error.ts'

/** Longest packet that is taken: what is asked for here has short answers. */
const longestPacket = 64 * 1024

/** Channel of packets that hold commands and answers, and no sound. */
const controlChannel = 0xffffffff

const headerLength = 20

/** Where sound goes in the buffer of a stream (pulsecore/memblockq.h). */
export type Seek =
  /** Behind what was written last. */
  | { readonly to: 'end' }
  /** So many bytes behind what is being played now. */
  | { readonly to: 'play-head'; readonly aheadBytes: number }

const seekModes = { end: 0, 'play-head': 2 } as const

/**
 * A packet of PulseAudio's native protocol (pulsecore/pstream.c), each field a u32, big-endian:
 *
 *     length | channel | offset, high | offset, low | flags | payload
 */
export function encodePacket(payload: Uint8Array): Uint8Array {
  return packet(payload, { channel: controlChannel, offset: 0, flags: 0 })
}

/** Sound for the stream with this channel. */
export function encodeSoundPacket(channel: number, sound: Uint8Array, seek: Seek): Uint8Array {
  const offset = seek.to === 'play-head' ? seek.aheadBytes : 0
  return packet(sound, { channel, offset, flags: seekModes[seek.to] })
}

function packet(payload: Uint8Array, head: { channel: number; offset: number; flags: number }): Uint8Array {
  const bytes = Buffer.alloc(headerLength + payload.length)
  bytes.writeUInt32BE(payload.length, 0)
  bytes.writeUInt32BE(head.channel, 4)
  bytes.writeUInt32BE(head.offset, 12)
  bytes.writeUInt32BE(head.flags, 16)
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
        throw new PulseError('bad-answer', `The sound server sent a packet of ${length} bytes`)
      if (this.#rest.length < headerLength + length) break
      packets.push(this.#rest.subarray(headerLength, headerLength + length))
      this.#rest = this.#rest.subarray(headerLength + length)
    }
    return packets
  }
}
