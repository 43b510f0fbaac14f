import { createCipheriv, createDecipheriv } from 'node:crypto'
import { ReplayWindow } from '../../net/replay/replay-window.ts'
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
