import type { PartyPermission } from '../../domain/party-permission.ts'
import { permits } from '../../domain/party-permission.ts'
import { memberIdOf, peerIdOf } from '../../domain/party-member.ts'
import type { Peer } from '../../party/contract/party.ts'
import { hashToken, newToken } from '../../store/token.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'

/** Tokens of one peer: each step into a lobby by a browser takes one. The oldest gives way. */
const mostPerPeer = 16
const mostInAll = 1024

/**
 * Members of the party that this host is in. They come by tokens that they are given as they ask for them; who they are, and what they may do,
 * is what the party and the owner say at each look, so that whoever leaves, or may not any more, is out. The tokens are in memory: after a
 * restart they step in again.
 */
export class PartySource implements MemberSource {
  readonly #peers: () => readonly Peer[]
  readonly #permissionOf: (peerId: string) => PartyPermission
  /** By the hash of each token, the oldest first. */
  readonly #tokens = new Map<string, string>()

  constructor(options: { peers: () => readonly Peer[]; permissionOf: (peerId: string) => PartyPermission }) {
    this.#peers = options.peers
    this.#permissionOf = options.permissionOf
  }

  /** A token for a peer who may watch at least; undefined for all others. */
  issue(peerId: string): string | undefined {
    if (!this.#admitted(peerId).ok) return undefined
    const own = [...this.#tokens].filter(([, each]) => each === peerId).map(([key]) => key)
    for (const key of own.slice(0, Math.max(0, own.length - mostPerPeer + 1))) this.#tokens.delete(key)
    const [oldest] = this.#tokens.keys()
    if (this.#tokens.size >= mostInAll && oldest !== undefined) this.#tokens.delete(oldest)
    const token = newToken()
    this.#tokens.set(keyOf(token), peerId)
    return token
  }

  async admit(credential: Credential): Promise<Admitted | undefined> {
    if (credential.kind !== 'token') return undefined
    const peerId = this.#tokens.get(keyOf(credential.token))
    return peerId === undefined ? undefined : this.#admitted(peerId)
  }

  async asOfNow({ id }: { readonly id: string }): Promise<Admitted | undefined> {
    const peerId = peerIdOf(id)
    return peerId === undefined ? undefined : this.#admitted(peerId)
  }

  #admitted(peerId: string): Admitted {
    const peer = this.#peers().find(({ id }) => id === peerId)
    const permission = this.#permissionOf(peerId)
    if (!peer || !permits(permission, 'watch')) return { ok: false, reason: 'removed' }
    const role = permits(permission, 'play') ? 'player' : 'viewer'
    const member = { id: memberIdOf(peerId), name: peer.name, role, lobbies: 'all' } as const
    return { ok: true, member, expiresMs: undefined, isLink: false }
  }
}

/** Looked up by it: how long that takes tells nothing about the tokens. */
function keyOf(token: string): string {
  return Buffer.from(hashToken(token)).toString('base64')
}
