import type { OwnerToken } from '../../store/owner-token.ts'
import { hashToken, isTokenOf } from '../../store/token.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'

/** The owner, by their token or by that of the commands on this machine. */
export class OwnerSource implements MemberSource {
  readonly #token: OwnerToken
  /** Of the token that commands on this machine come in by, as long as the server runs. */
  readonly #localHash: Uint8Array | undefined

  constructor(token: OwnerToken, localToken?: string) {
    this.#token = token
    this.#localHash = localToken === undefined ? undefined : hashToken(localToken)
  }

  /** The owner's member id: a new one for each owner token. May throw a StoreError. */
  get memberId(): string {
    return this.#token.memberId
  }

  async admit(credential: Credential): Promise<Admitted | undefined> {
    return credential.kind === 'token' && this.isTheirs(credential.token) ? this.#owner() : undefined
  }

  async asOfNow({ id }: { readonly id: string }): Promise<Admitted | undefined> {
    return id === this.memberId ? this.#owner() : undefined
  }

  /** Whether it is the owner's token, or that of this machine. May throw a StoreError. */
  isTheirs(token: string): boolean {
    return this.#token.matches(token) || (this.#localHash !== undefined && isTokenOf(token, this.#localHash))
  }

  #owner(): Admitted {
    const member = { id: this.memberId, name: 'Owner', role: 'owner', lobbies: 'all' } as const
    return { ok: true, member, expiresMs: undefined, isLink: false }
  }
}
