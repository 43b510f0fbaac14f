import type { Member } from '../../domain/member.ts'
import type { Guest, Guests } from '../../store/guests.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'

/** Those who have redeemed a link, by a token of their own. */
export class GuestSource implements MemberSource {
  readonly #guests: Guests

  constructor(guests: Guests) {
    this.#guests = guests
  }

  async admit(credential: Credential): Promise<Admitted | undefined> {
    return credential.kind === 'token' ? admitted(this.#guests.find(credential.token)) : undefined
  }

  /** Whose token it is; undefined when it lets nobody in now. May throw a StoreError. */
  memberOf(token: string): Member | undefined {
    const found = admitted(this.#guests.find(token))
    return found?.ok ? found.member : undefined
  }

  async asOfNow({ id }: { readonly id: string }): Promise<Admitted | undefined> {
    return admitted(this.#guests.get(id))
  }
}

function admitted(guest: Guest | undefined): Admitted | undefined {
  if (!guest) return undefined
  const { id, name, role, removedMs, invitation, lobbies } = guest
  const { state, expiresMs } = invitation
  if (removedMs !== undefined) return { ok: false, reason: 'removed' }
  if (state === 'expired' || state === 'revoked') return { ok: false, reason: state }
  return { ok: true, member: { id, name, role, lobbies, invitationId: invitation.id }, expiresMs, isLink: false }
}
