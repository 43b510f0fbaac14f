import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { PeerToken } from '../../domain/party.ts'
import type { PartyState } from '../../store/party-state.ts'
import { PartyError } from '../contract/party-error.ts'
import type { RegistryLimits } from '../contract/registry-limits.ts'
import type { GroupedCommits } from './grouped-commits.ts'

/** As many expired ones are taken away at once. */
const together = 1000

/**
 * Who may act for a peer: whoever has its token. An id is bound to its first token until that has expired, and is renewed with it, so
 * that nobody can act for another peer.
 */
export class PeerTokens {
  readonly #state: PartyState
  readonly #commits: GroupedCommits
  readonly #epochMs: () => number
  readonly #limits: Pick<RegistryLimits, 'tokens' | 'tokenMs'>
  /** Of those who are connected without a token: nobody else makes one for them meanwhile. */
  readonly #held = new Set<string>()

  constructor(options: {
    state: PartyState
    commits: GroupedCommits
    epochMs: () => number
    limits: Pick<RegistryLimits, 'tokens' | 'tokenMs'>
  }) {
    this.#state = options.state
    this.#commits = options.commits
    this.#epochMs = options.epochMs
    this.#limits = options.limits
  }

  /**
   * A token for the id. Who has one that is still good brings it, and it is good for longer: the same one, so that an answer that
   * is lost locks nobody out. Rejects with PartyError `peer-id-taken`.
   */
  register(peerId: string, present?: string): Promise<{ token: string; expiresMs: number }> {
    return this.#commits.do((draft) => {
      const known = this.#state.tokens.get(peerId)
      if (this.#held.has(peerId)) throw new PartyError('peer-id-taken', 'Somebody is connected by that peer id')
      if (known && this.isBound(peerId) && !(present !== undefined && isTokenOf(present, known.hash))) {
        throw new PartyError('peer-id-taken', 'Somebody has that peer id; their token renews it')
      }
      if (!known && this.#state.tokens.size >= this.#limits.tokens) {
        throw new PartyError('too-many-peers', 'There are as many peers as this control plane takes')
      }
      const expiresMs = this.#epochMs() + this.#limits.tokenMs
      const isRenewed = known !== undefined && present !== undefined && isTokenOf(present, known.hash)
      const token = isRenewed ? secretOf(present) : randomBytes(32).toString('base64url')
      // The id stands in the token, so that it is found without a second index.
      draft.apply({ type: 'token', token: { peerId, hash: hashOf(token), expiresMs } })
      return { token: `${token}.${Buffer.from(peerId).toString('base64url')}`, expiresMs }
    })
  }

  /** Whose token it is. Throws PartyError `unauthenticated`. */
  peerOf(bearer: string | undefined): string {
    const dot = bearer?.indexOf('.') ?? -1
    const peerId = dot < 0 ? '' : Buffer.from(bearer?.slice(dot + 1) ?? '', 'base64url').toString()
    const known = this.#state.tokens.get(peerId)
    if (bearer === undefined || !known || !isTokenOf(bearer, known.hash) || !this.#isGood(known)) {
      throw new PartyError('unauthenticated', 'Register the peer first: there is no token, or it is not good any more')
    }
    return peerId
  }

  /** Whether somebody has a token of that id. */
  isBound(peerId: string): boolean {
    const known = this.#state.tokens.get(peerId)
    return known !== undefined && this.#isGood(known)
  }

  /** Keeps an id for who is connected by it and has no token; call what is returned at the end. */
  hold(peerId: string): () => void {
    this.#held.add(peerId)
    return () => void this.#held.delete(peerId)
  }

  /** Takes away those that have expired, and says how many. */
  async expire(): Promise<number> {
    const expired = [...this.#state.tokens.values()].filter((token) => !this.#isGood(token)).slice(0, together)
    if (expired.length === 0) return 0
    await this.#commits.do((draft) => {
      for (const { peerId } of expired) draft.apply({ type: 'token-gone', peerId })
    })
    return expired.length
  }

  #isGood({ expiresMs }: PeerToken): boolean {
    return this.#epochMs() < expiresMs
  }
}

function isTokenOf(bearer: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashOf(secretOf(bearer)), hash)
}

/** Without the id behind it. */
function secretOf(bearer: string): string {
  return bearer.split('.', 1)[0] ?? ''
}

function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
