import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { makeSelfSigned } from '../../../src/net/identity/self-signed.ts'

/** A certificate like those that Moonlight's clients make for themselves. */
export class ClientIdentity {
  readonly certificate: string
  readonly key: string
  readonly x509: X509Certificate
  readonly privateKey: KeyObject

  constructor() {
    const nowMs = Date.now()
    const made = makeSelfSigned({
      keyType: 'rsa',
      commonName: 'NVIDIA GameStream Client',
      names: [],
      notBeforeMs: nowMs - 60_000,
      notAfterMs: nowMs + 20 * 365 * 86_400_000,
      serial: randomBytes(16),
    })
    this.certificate = made.certificate
    this.key = made.key
    this.x509 = new X509Certificate(made.certificate)
    this.privateKey = createPrivateKey(made.key)
  }
}

/** The client's end of a pairing, step by step, written from the protocol. All of it is hexadecimal. */
export class PairingClient {
  readonly salt = randomBytes(16)
  readonly #identity: ClientIdentity
  readonly #key: Uint8Array
  readonly #challenge = randomBytes(16)
  readonly #secret = randomBytes(16)
  #hash = new Uint8Array(0)

  constructor(identity: ClientIdentity, pin: string) {
    this.#identity = identity
    this.#key = createHash('sha256').update(this.salt).update(pin).digest().subarray(0, 16)
  }

  get certificateDigits(): string {
    return Buffer.from(this.#identity.certificate).toString('hex')
  }

  challenge(): string {
    return this.#cipher(this.#challenge)
  }

  /** Takes `challengeresponse`, gives `serverchallengeresp`. */
  respond(digits: string): string {
    const plain = createDecipheriv('aes-128-ecb', this.#key, null)
      .setAutoPadding(false)
      .update(Buffer.from(digits, 'hex'))
    this.#hash = Uint8Array.from(plain.subarray(0, 32))
    const hash = createHash('sha256')
      .update(plain.subarray(32, 48))
      .update(this.#identity.x509.raw.subarray(-256))
      .update(this.#secret)
      .digest()
    return this.#cipher(hash)
  }

  /** Takes `pairingsecret`: whether the host knows the PIN, and has the key of the certificate that it gave. */
  trusts(digits: string, hostPem: string): boolean {
    const bytes = Buffer.from(digits, 'hex')
    const host = new X509Certificate(hostPem)
    const secret = bytes.subarray(0, 16)
    const hash = createHash('sha256').update(this.#challenge).update(host.raw.subarray(-256)).update(secret).digest()
    return timingSafeEqual(hash, this.#hash) && verify('sha256', secret, host.publicKey, bytes.subarray(16))
  }

  /** `clientpairingsecret`. */
  prove(): string {
    return Buffer.concat([this.#secret, sign('sha256', this.#secret, this.#identity.privateKey)]).toString('hex')
  }

  #cipher(plain: Uint8Array): string {
    return createCipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false).update(plain).toString('hex')
  }
}
