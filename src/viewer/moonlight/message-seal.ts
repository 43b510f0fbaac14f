import { createCipheriv, createDecipheriv } from 'node:crypto'
import { controlNonce } from '../../wire/moonlight/control-message.ts'

/** A message as it goes over the wire: its number, the proof of it, and the bytes that nobody else reads. */
interface Sealed {
  readonly sequence: number
  readonly tag: Uint8Array
  readonly ciphertext: Uint8Array
}

const cipher = 'aes-128-gcm'

/**
 * Seals what this host says on one stream under the key of a launch, and opens what the client says. No two messages have one
 * number: what was opened once is not opened again.
 */
export class MessageSeal {
  readonly #key: Uint8Array
  readonly #stream: 'control' | 'rtsp'
  #sent: number
  readonly #window = new ReplayWindow()

  /** The first message of each side has number `first`. */
  constructor(key: Uint8Array, stream: 'control' | 'rtsp', first: 0 | 1) {
    this.#key = key
    this.#stream = stream
    this.#sent = first
  }

  seal(plain: Uint8Array): Sealed {
    const sequence = this.#sent
    this.#sent = (this.#sent + 1) >>> 0
    const encryption = createCipheriv(cipher, this.#key, controlNonce(sequence, 'host', this.#stream))
    const ciphertext = Buffer.concat([encryption.update(plain), encryption.final()])
    return { sequence, tag: encryption.getAuthTag(), ciphertext }
  }

  /** Undefined for what was not sealed under this key, or was opened already. */
  open(sealed: Sealed): Uint8Array | undefined {
    if (!this.#window.isNew(sealed.sequence)) return undefined
    const plain = openSealed(this.#key, this.#stream, sealed)
    if (plain !== undefined) this.#window.take(sealed.sequence)
    return plain
  }
}

/** Undefined for what was not sealed under this key. */
export function openSealed(
  key: Uint8Array,
  stream: 'control' | 'rtsp',
  { sequence, tag, ciphertext }: Sealed,
): Uint8Array | undefined {
  const decryption = createDecipheriv(cipher, key, controlNonce(sequence, 'client', stream))
  decryption.setAuthTag(tag)
  const plain = decryption.update(ciphertext)
  try {
    decryption.final()
    return plain
  } catch {
    return undefined
  }
}

const windowBits = 1024

/** Which numbers have come, of the newest 1,024 (after RFC 6479): messages of several channels overtake each other. */
class ReplayWindow {
  readonly #words = new Uint32Array(windowBits / 32)
  #newest = -1

  isNew(sequence: number): boolean {
    if (sequence > this.#newest) return true
    if (this.#newest - sequence >= windowBits) return false
    return ((this.#words[(sequence % windowBits) >>> 5] as number) & (1 << (sequence & 31))) === 0
  }

  take(sequence: number): void {
    const first = Math.max(this.#newest + 1, sequence - windowBits + 1)
    for (let skipped = first; skipped < sequence; skipped++) this.#clear(skipped)
    if (sequence > this.#newest) this.#newest = sequence
    const word = (sequence % windowBits) >>> 5
    this.#words[word] = (this.#words[word] as number) | (1 << (sequence & 31))
  }

  #clear(sequence: number): void {
    const word = (sequence % windowBits) >>> 5
    this.#words[word] = (this.#words[word] as number) & ~(1 << (sequence & 31))
  }
}
