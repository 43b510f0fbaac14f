/** A key pair of X25519 (RFC 7748). The secret half stays inside. */
export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** What both ends of two pairs can compute, 32 bytes; undefined for a public key with which everybody could. */
  agree(publicKey: Uint8Array): Uint8Array | undefined
}

/** The primitives of `25519_ChaChaPoly_BLAKE2s`, as the Noise Protocol Framework (revision 34) calls them. Keys and hashes have 32 bytes. */
export interface NoiseCrypto {
  newKeyPair(): KeyPair
  /** The pair of a secret of 32 bytes. */
  keyPairFrom(secret: Uint8Array): KeyPair
  /** BLAKE2s of the parts one after the other. */
  hash(...parts: readonly Uint8Array[]): Uint8Array
  /** HMAC (RFC 2104) with BLAKE2s. */
  hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** ChaCha20-Poly1305 (RFC 8439): the ciphertext with its tag of 16 bytes. The nonce is `counter` as Noise writes it. */
  seal(key: Uint8Array, counter: number, associated: Uint8Array, plain: Uint8Array): Uint8Array
  /**
   * The same, within a packet: what stands behind its first `headBytes`, which are authenticated with it, gives way to its ciphertext, and
   * the last 16 bytes to the tag.
   */
  sealPacket(key: Uint8Array, counter: number, packet: Uint8Array, headBytes: number): void
  /** Undefined for what was not sealed like this. */
  open(key: Uint8Array, counter: number, associated: Uint8Array, sealed: Uint8Array): Uint8Array | undefined
  random(count: number): Uint8Array
}

export const keyBytes = 32
export const tagBytes = 16
