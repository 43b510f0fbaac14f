import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { keyBytes, tagBytes, type KeyPair, type NoiseCrypto } from '../../wire/native/noise-crypto.ts'

const cipher = 'chacha20-poly1305'
const digest = 'blake2s256'
/** What HMAC (RFC 2104) fills up its keys to with BLAKE2s, which takes so many bytes at a time. */
const blockBytes = 64
const hashBytes = 32

/** RFC 8410: what stands before the 32 bytes of a key in DER. */
const privateHead = Buffer.from('302e020100300506032b656e04220420', 'hex')
const publicHead = Buffer.from('302a300506032b656e032100', 'hex')

/** The primitives of Noise by Node's own OpenSSL. */
export const nodeCrypto: NoiseCrypto = {
  newKeyPair: () => keyPairOf(generateKeyPairSync('x25519').privateKey),
  keyPairFrom,
  hash: (...parts) => hashOf(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)),
  // Node's own makes an object for the key, which takes longer than all of the hashing.
  hmac(key, ...parts) {
    const padded = key.length > blockBytes ? hashOf(key) : key
    const inner = Buffer.alloc(blockBytes + parts.reduce((sum, { length }) => sum + length, 0), 0x36)
    const outer = Buffer.alloc(blockBytes + hashBytes, 0x5c)
    for (const [at, byte] of padded.entries()) {
      inner[at] = byte ^ 0x36
      outer[at] = byte ^ 0x5c
    }
    let at = blockBytes
    for (const part of parts) {
      inner.set(part, at)
      at += part.length
    }
    outer.set(hashOf(inner), blockBytes)
    return hashOf(outer)
  },
  seal(key, counter, associated, plain) {
    const sealed = new Uint8Array(plain.length + tagBytes)
    sealInto(sealed, { key, counter, associated, plain })
    return sealed
  },
  sealPacket(key, counter, packet, headBytes) {
    const end = packet.length - tagBytes
    const [associated, plain] = [packet.subarray(0, headBytes), packet.subarray(headBytes, end)]
    sealInto(packet.subarray(headBytes), { key, counter, associated, plain })
  },
  open(key, counter, associated, sealed) {
    const length = sealed.length - tagBytes
    if (length < 0) return undefined
    const decryption = createDecipheriv(cipher, key, nonceOf(counter), { authTagLength: tagBytes })
    decryption.setAAD(associated, { plaintextLength: length })
    decryption.setAuthTag(sealed.subarray(length))
    const plain = decryption.update(sealed.subarray(0, length))
    try {
      decryption.final()
      return plain
    } catch {
      return undefined
    }
  },
  random: (count) => randomBytes(count),
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return hash(digest, bytes, 'buffer')
}

function sealInto(
  sealed: Uint8Array,
  {
    key,
    counter,
    associated,
    plain,
  }: {
    readonly key: Uint8Array
    readonly counter: number
    readonly associated: Uint8Array
    readonly plain: Uint8Array
  },
): void {
  const encryption = createCipheriv(cipher, key, nonceOf(counter), { authTagLength: tagBytes })
  encryption.setAAD(associated, { plaintextLength: plain.length })
  sealed.set(encryption.update(plain))
  encryption.final()
  sealed.set(encryption.getAuthTag(), plain.length)
}

/** The pair of a secret of 32 bytes. */
export function keyPairFrom(secret: Uint8Array): KeyPair {
  if (secret.length !== keyBytes) throw new RangeError(`A key of X25519 has 32 bytes, not ${secret.length}`)
  return keyPairOf(createPrivateKey({ key: Buffer.concat([privateHead, secret]), format: 'der', type: 'pkcs8' }))
}

/** The pair of a private key of X25519. */
function keyPairOf(privateKey: KeyObject): KeyPair {
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(publicHead.length)
  return {
    publicKey,
    agree(theirs) {
      if (theirs.length !== keyBytes) return undefined
      const theirKey = createPublicKey({ key: Buffer.concat([publicHead, theirs]), format: 'der', type: 'spki' })
      try {
        return diffieHellman({ privateKey, publicKey: theirKey })
      } catch {
        // A point of small order, with which the outcome would be nothing (RFC 7748, section 6.1).
        return undefined
      }
    },
  }
}

/** 32 zero bits, then the counter, little endian (Noise, section 12). */
function nonceOf(counter: number): Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32LE(counter >>> 0, 4)
  nonce.writeUInt32LE(Math.floor(counter / 2 ** 32), 8)
  return nonce
}
