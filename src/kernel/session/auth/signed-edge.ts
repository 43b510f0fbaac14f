import { SessionError } from '../contract/session-error.ts'
import { canonicalBytes } from './canonical-json.ts'
import { equalBytes, type Hash, History } from './history.ts'

/**
 * A role's key: Ed25519, or a MAC shared over an authenticated channel. `sign` is there only where the secret is. Keys
 * are made at random or agreed upon, never derived from names or ids.
 */
export interface EndpointKey {
  readonly sign?: (bytes: Uint8Array) => Uint8Array
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean
}

/** What a session is authenticated with. */
export interface SessionAuth {
  readonly hash: Hash
  /** Unique to the session and known to all its ends: what is signed for one session is worth nothing in another. */
  readonly nonce: Uint8Array
  readonly keys: ReadonlyMap<string, EndpointKey>
  /** Messages of each edge that can be proved later; 0, the default, keeps only the running root. */
  readonly provable?: number
}

/** What travels with a message to show who sent it and what was sent before it. */
export interface MessageProof {
  readonly sequence: number
  /** Root of the edge's history before this message. */
  readonly history: Uint8Array
  readonly signature: Uint8Array
}

interface Signed {
  readonly epoch: number
  readonly label: string
  readonly payload: unknown
}

/** Authentication of one directed edge: the sender's key and the history of what was accepted. */
export class SignedEdge {
  readonly #auth: SessionAuth
  readonly #context: string
  readonly #from: string
  readonly #key: EndpointKey
  readonly #history: History

  /** `protocol` and the roles are signed with each message. Throws `forged` when the sender has no key. */
  constructor(auth: SessionAuth, protocol: string, from: string, to: string) {
    const key = auth.keys.get(from)
    if (!key) throw new SessionError('forged', `Cannot authenticate "${protocol}": role "${from}" has no key`)
    this.#auth = auth
    this.#from = from
    this.#key = key
    this.#context = JSON.stringify([protocol, from, to])
    this.#history = new History(auth.hash, auth.provable)
  }

  /** Messages accepted so far, for roots and proofs. */
  get history(): History {
    return this.#history
  }

  /** The bytes that stand for message number `sequence` in the history, for whoever checks a proof. */
  leaf({ epoch, label, payload }: Signed, sequence: number): Uint8Array {
    const place = new TextEncoder().encode(JSON.stringify([this.#context, epoch, sequence, label]))
    const length = new DataView(new ArrayBuffer(4))
    length.setUint32(0, place.length)
    return this.#auth.hash(new Uint8Array(length.buffer), place, canonicalBytes(payload))
  }

  /**
   * Signs what is to be the next message accepted. Throws `forged` when this process does not have the sender's secret,
   * `unsignable` for a payload without canonical bytes and for one message more than can be proved.
   */
  sign(message: Signed): MessageProof {
    if (!this.#key.sign)
      throw new SessionError('forged', `Cannot sign "${message.label}": the secret of "${this.#from}" is not here`)
    this.#wantRoom(message)
    const sequence = this.#history.length
    const history = this.#history.root()
    return { sequence, history, signature: this.#key.sign(this.#signedBytes(this.leaf(message, sequence), history)) }
  }

  /** Takes what was signed here as the next message of this edge. */
  append(message: Signed): void {
    this.#history.append(this.leaf(message, this.#history.length))
  }

  /**
   * Takes a message that was signed elsewhere as the next of this edge. Throws `forged` or `unsignable` and then has not
   * changed.
   */
  accept(message: Signed, proof: MessageProof | undefined): void {
    if (!proof) throw this.#refuse(message, 'it is not signed')
    this.#wantRoom(message)
    const sequence = this.#history.length
    if (proof.sequence !== sequence) {
      throw this.#refuse(
        message,
        `it is number ${proof.sequence}, number ${sequence} is next (replayed, lost or reordered)`,
      )
    }
    const history = this.#history.root()
    if (!equalBytes(proof.history, history)) throw this.#refuse(message, 'what was sent before it is not what has come')
    const leaf = this.leaf(message, sequence)
    if (!this.#isSigned(this.#signedBytes(leaf, history), proof.signature))
      throw this.#refuse(message, 'its signature is wrong')
    this.#history.append(leaf)
  }

  /** Whether a message that was taken is still the one that was signed. Throws `forged` when it is not. */
  verify(message: Signed, proof: MessageProof | undefined): void {
    if (!proof) throw this.#refuse(message, 'it is not signed')
    const signed = this.#signedBytes(this.leaf(message, proof.sequence), proof.history)
    if (!this.#isSigned(signed, proof.signature)) throw this.#refuse(message, 'its signature is wrong')
  }

  /** What is signed: this session, everything before, and the message. */
  #signedBytes(leaf: Uint8Array, history: Uint8Array): Uint8Array {
    return this.#auth.hash(domain, this.#auth.hash(this.#auth.nonce), history, leaf)
  }

  /** Keys may throw at bytes that are no signature at all. */
  #isSigned(bytes: Uint8Array, signature: Uint8Array): boolean {
    try {
      return this.#key.verify(bytes, signature)
    } catch {
      return false
    }
  }

  #wantRoom({ label }: Signed): void {
    if (!this.#history.isFull) return
    throw new SessionError(
      'unsignable',
      `Cannot take "${label}" from "${this.#from}": the ${this.#history.length} messages that can be proved are used up`,
    )
  }

  #refuse(message: Signed, why: string): SessionError {
    return new SessionError('forged', `Cannot accept "${message.label}" from "${this.#from}": ${why}`)
  }
}

const domain = new TextEncoder().encode('porchlight protocol session message v1\0')
