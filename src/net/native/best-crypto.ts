import { createRequire } from 'node:module'
import { tagBytes, type NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { nodeCrypto } from './node-crypto.ts'

/** What packets are sealed with, of all that libsodium has; each writes into memory that it is given. */
interface Sodium {
  /** `sealed` has 16 bytes more than `plain`, and may begin where it does. */
  crypto_aead_chacha20poly1305_ietf_encrypt(
    sealed: Uint8Array,
    plain: Uint8Array,
    associated: Uint8Array,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void
  /** Throws for what was not sealed like this. */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    plain: Uint8Array,
    secretNonce: null,
    sealed: Uint8Array,
    associated: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void
}

/**
 * The fastest that this machine has: packets by libsodium, where there is a binary of it for the platform, which takes a fifteenth of the
 * time of Node's own, as it makes no object for each of them; all else, which is done once a handshake, by Node.
 */
export function bestCrypto(): NoiseCrypto {
  const require = createRequire(import.meta.url)
  try {
    return sodiumCrypto(require('sodium-native') as Sodium)
  } catch {
    return nodeCrypto
  }
}

function sodiumCrypto(sodium: Sodium): NoiseCrypto {
  // Both calls are over before they return.
  const nonce = new Uint8Array(12)
  const words = new DataView(nonce.buffer)
  const count = (counter: number) => {
    words.setUint32(4, counter >>> 0, true)
    words.setUint32(8, Math.floor(counter / 2 ** 32), true)
    return nonce
  }
  return {
    ...nodeCrypto,
    seal(key, counter, associated, plain) {
      const sealed = new Uint8Array(plain.length + tagBytes)
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, associated, null, count(counter), key)
      return sealed
    },
    sealPacket(key, counter, packet, headBytes) {
      const sealed = packet.subarray(headBytes)
      const plain = packet.subarray(headBytes, packet.length - tagBytes)
      const associated = packet.subarray(0, headBytes)
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, associated, null, count(counter), key)
    },
    open(key, counter, associated, sealed) {
      if (sealed.length < tagBytes) return undefined
      const plain = Buffer.allocUnsafe(sealed.length - tagBytes)
      try {
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, sealed, associated, count(counter), key)
        return plain
      } catch {
        return undefined
      }
    },
  }
}
