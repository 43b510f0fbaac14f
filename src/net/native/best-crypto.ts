import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { keyBytes, tagBytes, type KeyPair, type NoiseCrypto } from '../../wire/native/noise-crypto.ts'
import { PacketMemory } from '../udp/packet-memory.ts'
import { nodeCrypto } from './node-crypto.ts'

/** What packets are sealed with and keys are agreed on by, of all that libsodium has; each writes into memory that it is given. */
interface Sodium {
  crypto_scalarmult_base(publicKey: Uint8Array, secret: Uint8Array): void
  /** Throws for a point of small order. */
  crypto_scalarmult(shared: Uint8Array, secret: Uint8Array, publicKey: Uint8Array): void
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
 * The fastest that this machine has: packets and keys by libsodium, where there is a binary of it for the platform, which takes a fifteenth of
 * the time of Node's own for a packet and half of it for a key, as it makes no object for each of them; hashes, which it does not have, by Node.
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
  let head = new Uint8Array(0)
  const opened = new PacketMemory()
  const keyPairFrom = (secret: Uint8Array): KeyPair => {
    if (secret.length !== keyBytes) throw new RangeError(`A key of X25519 has 32 bytes, not ${secret.length}`)
    const own = Uint8Array.from(secret)
    const publicKey = new Uint8Array(keyBytes)
    sodium.crypto_scalarmult_base(publicKey, own)
    return {
      publicKey,
      agree(theirs) {
        if (theirs.length !== keyBytes) return undefined
        const shared = new Uint8Array(keyBytes)
        try {
          sodium.crypto_scalarmult(shared, own, theirs)
          return shared
        } catch {
          // A point of small order, with which the outcome would be nothing (RFC 7748, section 6.1).
          return undefined
        }
      },
    }
  }
  return {
    ...nodeCrypto,
    keyPairFrom,
    newKeyPair: () => keyPairFrom(randomBytes(keyBytes)),
    seal(key, counter, associated, plain) {
      const sealed = new Uint8Array(plain.length + tagBytes)
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, associated, null, count(counter), key)
      return sealed
    },
    sealPacket(key, counter, packet, headBytes) {
      const sealed = packet.subarray(headBytes)
      const plain = packet.subarray(headBytes, packet.length - tagBytes)
      if (head.length !== headBytes) head = new Uint8Array(headBytes)
      // So few bytes are copied in less time than a view of them takes to be made.
      for (let at = 0; at < headBytes; at++) head[at] = packet[at] as number
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, head, null, count(counter), key)
    },
    open(key, counter, associated, sealed) {
      if (sealed.length < tagBytes) return undefined
      const plain = opened.cut(sealed.length - tagBytes)
      try {
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, sealed, associated, count(counter), key)
        return plain
      } catch {
        return undefined
      }
    },
  }
}
