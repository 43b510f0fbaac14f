import {
  createCipheriv,
  createDecipheriv,
  createHash,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto'
import { MoonlightError } from '../contract/moonlight-error.ts'
import { signatureOf, type ClientCertificate } from './certificate.ts'

/** Who this host is to clients: they pin the certificate that they are given while pairing. */
export interface HostIdentity {
  readonly certificate: X509Certificate
  /** Byte for byte what clients get and what TLS shows. */
  readonly pem: string
  readonly key: KeyObject
}

const secretBytes = 16

/** What is known after each step. */
type State =
  | { readonly name: 'pin-given'; readonly key: Uint8Array }
  | {
      readonly name: 'challenged'
      readonly key: Uint8Array
      readonly secret: Uint8Array
      readonly challenge: Uint8Array
    }
  | { readonly name: 'answered'; readonly challenge: Uint8Array; readonly clientHash: Uint8Array }
  | { readonly name: 'over' }

/**
 * The proof that both ends know the same PIN, in the four steps of GameStream. Each is done once and in its order; anything else
 * throws MoonlightError `out-of-order` or `malformed`, and the attempt is over.
 *
 * The key is the first half of SHA-256 of salt and PIN. Under it the client sends a challenge; the host answers with a hash of that
 * challenge, its certificate and a secret, and with a challenge of its own; the client sends the hash of that, and both
 * open their secrets with a signature.
 */
export class PairingAttempt {
  readonly #host: HostIdentity
  readonly #client: ClientCertificate
  readonly #randomBytes: (count: number) => Uint8Array
  #state: State

  constructor(options: {
    readonly host: HostIdentity
    readonly client: ClientCertificate
    readonly salt: Uint8Array
    readonly pin: string
    readonly randomBytes: (count: number) => Uint8Array
  }) {
    const { host, client, salt, pin, randomBytes } = options
    this.#host = host
    this.#client = client
    this.#randomBytes = randomBytes
    this.#state = { name: 'pin-given', key: sha256(salt, new TextEncoder().encode(pin)).subarray(0, 16) }
  }

  /** Takes `clientchallenge`, gives `challengeresponse`. */
  challenge(encrypted: Uint8Array): Uint8Array {
    const state = this.#take('pin-given')
    wantLength(encrypted, secretBytes, 'a challenge')
    const secret = this.#randomBytes(secretBytes)
    const challenge = this.#randomBytes(secretBytes)
    const hash = sha256(decrypt(state.key, encrypted), signatureOf(this.#host.certificate), secret)
    this.#state = { name: 'challenged', key: state.key, secret, challenge }
    return encrypt(state.key, Buffer.concat([hash, challenge]))
  }

  /** Takes `serverchallengeresp`, gives `pairingsecret`. */
  answer(encrypted: Uint8Array): Uint8Array {
    const { key, secret, challenge } = this.#take('challenged')
    wantLength(encrypted, 32, 'an answer')
    this.#state = { name: 'answered', challenge, clientHash: decrypt(key, encrypted) }
    return Buffer.concat([secret, sign('sha256', secret, this.#host.key)])
  }

  /** Takes `clientpairingsecret`; true when the client knew the PIN and has the key of its certificate. */
  prove(bytes: Uint8Array): boolean {
    const { challenge, clientHash } = this.#take('answered')
    const { x509 } = this.#client
    const secret = bytes.subarray(0, secretBytes)
    const signature = bytes.subarray(secretBytes)
    wantLength(signature, signatureOf(x509).length, 'a signature')
    const hash = sha256(challenge, signatureOf(x509), secret)
    return timingSafeEqual(hash, clientHash) && verify('sha256', secret, x509.publicKey, signature)
  }

  /** The attempt is over but for what the step that takes the state makes of it. */
  #take<Name extends State['name']>(name: Name): Extract<State, { name: Name }> {
    const state = this.#state
    this.#state = { name: 'over' }
    if (state.name !== name)
      throw new MoonlightError('out-of-order', `Cannot pair: this step does not follow "${state.name}"`)
    return state as Extract<State, { name: Name }>
  }
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** ECB without padding: of random bytes, each block once. */
function encrypt(key: Uint8Array, plain: Uint8Array): Uint8Array {
  return createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(plain)
}

function decrypt(key: Uint8Array, encrypted: Uint8Array): Uint8Array {
  return createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(encrypted)
}

function wantLength(bytes: Uint8Array, wanted: number, name: string): void {
  if (bytes.length !== wanted) {
    throw new MoonlightError('malformed', `Cannot pair: ${name} has ${bytes.length} bytes, wanted ${wanted}`)
  }
}
