import { StringDecoder } from 'node:string_decoder'

/** Longest frame that is believed; engines send what was read at once, 32 kB or so. */
const maxFrameBytes = 1024 * 1024

/**
 * Takes apart what a container engine sends of a container without a terminal (Docker Engine API, "Attach to a
 * container", stream format): frames of
 *
 *     stream (1: 0 stdin, 1 stdout, 2 stderr) | zero (3) | length (4, big-endian) | bytes
 *
 * `push` returns the text that has become complete. Throws for what is no such stream.
 */
export class OutputFrames {
  #rest: Buffer = Buffer.alloc(0)
  readonly #decoders = new Map<number, StringDecoder>()

  push(bytes: Buffer): string {
    this.#rest = Buffer.concat([this.#rest, bytes])
    let text = ''
    while (this.#rest.length >= 8) {
      const [stream = 0] = this.#rest
      const length = this.#rest.readUInt32BE(4)
      if (stream > 2 || length > maxFrameBytes) throw new Error('The engine sent something that is no output')
      if (this.#rest.length < 8 + length) break
      text += this.#decoderOf(stream).write(this.#rest.subarray(8, 8 + length))
      this.#rest = this.#rest.subarray(8 + length)
    }
    return text
  }

  #decoderOf(stream: number): StringDecoder {
    const known = this.#decoders.get(stream)
    if (known) return known
    const decoder = new StringDecoder('utf8')
    this.#decoders.set(stream, decoder)
    return decoder
  }
}
