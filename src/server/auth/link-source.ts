import type { Invitation } from '../../store/invitation.ts'
import type { Invitations } from '../../store/invitations.ts'
import type { Admitted, Credential, MemberSource } from './member-source.ts'

const anonymousNames = { player: 'Player', viewer: 'Viewer', agent: 'Agent' } as const

/**
 * Those who come by the token of a link as it is. A link that neither counts nor asks for a PIN is as good as what it can be redeemed
 * for, so that it opens as it is: for programs that know nothing but a signalling address (seed 003). Who comes so is one member with
 * all who do.
 */
export class LinkSource implements MemberSource {
  readonly #invitations: Invitations

  constructor(invitations: Invitations) {
    this.#invitations = invitations
  }

  async admit(credential: Credential): Promise<Admitted | undefined> {
    return credential.kind === 'token' ? admitted(await this.invitationOf(credential.token)) : undefined
  }

  async asOfNow({ id }: { readonly id: string }): Promise<Admitted | undefined> {
    return admitted(this.#invitations.get(id))
  }

  /** The invitation whose link's token it is, whatever its state. May reject with a StoreError. */
  async invitationOf(token: string): Promise<Invitation | undefined> {
    return this.#invitations.find(token)
  }
}

function admitted(invitation: Invitation | undefined): Admitted | undefined {
  if (!invitation) return undefined
  const { id, role, lobbyId, expiresMs, state, hasPin, maxUses } = invitation
  if (state === 'expired' || state === 'revoked') return { ok: false, reason: state }
  if (hasPin || maxUses !== undefined) return { ok: false, reason: 'not-redeemed' }
  const member = { id, name: anonymousNames[role], role, lobbies: [lobbyId], invitationId: id }
  return { ok: true, member, expiresMs, isLink: true }
}
