import { randomUUID } from 'node:crypto'
import type { Member } from '../../host/member.ts'
import type { Store } from '../../store/open-store.ts'

/** Whom a token lets in, or why nobody. */
export type Admitted =
  | { readonly ok: true; readonly member: Member; readonly expiresMs: number | undefined }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'revoked' }

export type CredentialStore = Pick<Store, 'settings' | 'ownerToken' | 'invitations'>

/** The setting that holds the owner's member id: a new one for each owner token. */
const ownerIdSetting = 'owner-member-id'

const tokenShape = /^[\w-]{43}$/

/** Turns tokens into members. It keeps nothing: another process may replace or revoke what is in the store. */
export class Doorkeeper {
  readonly #store: CredentialStore

  constructor(store: CredentialStore) {
    this.#store = store
  }

  /** Whom the token lets in now. May throw a StoreError. */
  admit(token: string): Admitted {
    // What cannot be a token is refused before it costs a hash and a look into the store.
    if (!tokenShape.test(token)) return { ok: false, reason: 'unknown' }
    if (this.#store.ownerToken.matches(token)) {
      const id = this.#store.settings.get(ownerIdSetting) ?? 'owner'
      return { ok: true, member: { id, name: 'Owner', role: 'owner', lobbyId: undefined }, expiresMs: undefined }
    }
    const admission = this.#store.invitations.admit(token)
    if (!admission.ok) return admission
    const { id, role, lobbyId, expiresMs } = admission.invitation
    return { ok: true, member: { id, name: role === 'player' ? 'Player' : 'Viewer', role, lobbyId }, expiresMs }
  }

  /** Whether a member who was let in would still be let in at `epochMs`. May throw a StoreError. */
  isStillWelcome(member: Member, epochMs: number): boolean {
    if (member.role === 'owner') return member.id === (this.#store.settings.get(ownerIdSetting) ?? 'owner')
    const invitation = this.#store.invitations.get(member.id)
    return invitation !== undefined && invitation.revokedMs === undefined && epochMs < invitation.expiresMs
  }
}

/**
 * Makes a new owner token and returns it; the old one opens nothing from now on, and whoever came in with it is shown
 * out. May throw a StoreError.
 */
export function replaceOwnerToken(store: CredentialStore): string {
  // The token goes first: whoever still comes in with the old one bears the old id and is shown out by the new one.
  const token = store.ownerToken.replace()
  store.settings.set(ownerIdSetting, randomUUID())
  return token
}
