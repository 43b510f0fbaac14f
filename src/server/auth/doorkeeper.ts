import { randomUUID } from 'node:crypto'
import type { Member } from '../../domain/member.ts'
import type { Guest } from '../../store/guests.ts'
import type { Invitation } from '../../store/invitation.ts'
import type { Store } from '../../store/open-store.ts'
import { hashToken, isTokenOf } from '../../store/token.ts'
import type { AppTokens } from './app-tokens.ts'

/** Whom a token lets in, or why nobody. */
export type Admitted =
  | {
      readonly ok: true
      readonly member: Member
      readonly expiresMs: number | undefined
      /** It is the token of a link, made to be handed on. */
      readonly isLink: boolean
    }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'revoked' | 'removed' | 'not-redeemed' }

export type CredentialStore = Pick<Store, 'settings' | 'ownerToken' | 'invitations' | 'guests' | 'devices'>

/** The setting that holds the owner's member id: a new one for each owner token. */
const ownerIdSetting = 'owner-member-id'

const tokenShape = /^[\w-]{43}$/
const anonymousNames = { player: 'Player', viewer: 'Viewer', agent: 'Agent' } as const

/** Turns tokens into members. It keeps nothing: another process may replace or revoke what is in the store. */
export class Doorkeeper {
  readonly #store: CredentialStore
  readonly #apps: AppTokens
  /** Of the token that commands on this machine come in by, as long as the server runs. */
  readonly #localHash: Uint8Array | undefined

  constructor(store: CredentialStore, apps: AppTokens, localToken?: string) {
    this.#store = store
    this.#apps = apps
    this.#localHash = localToken === undefined ? undefined : hashToken(localToken)
  }

  /** Whom the token lets in now. May throw a StoreError. */
  admit(token: string): Admitted {
    // What cannot be a token is refused before it costs a hash and a look into the store.
    if (!tokenShape.test(token)) return { ok: false, reason: 'unknown' }
    if (this.#isOwnersOwn(token)) return this.#owner
    const app = this.#apps.find(token)
    if (app) return { ok: true, member: app, expiresMs: undefined, isLink: false }
    const guest = this.#store.guests.find(token)
    if (guest) return admitGuest(guest)
    const memberId = this.#store.devices.find(token)
    return memberId === undefined ? this.admitLink(token) : this.#admitById(memberId)
  }

  /** Whether it is a token of the owner's: theirs, that of one of their devices, or that of this machine. May throw a StoreError. */
  isOwners(token: string): boolean {
    if (!tokenShape.test(token)) return false
    return this.#isOwnersOwn(token) || this.#store.devices.find(token) === this.#ownerId
  }

  /** Whom the token of a link lets in now as it is; any other token lets nobody in. May throw a StoreError. */
  admitLink(token: string): Admitted {
    const invitation = this.invitationOf(token)
    return invitation ? admitLink(invitation) : { ok: false, reason: 'unknown' }
  }

  /** The invitation whose link's token it is, whatever its state. May throw a StoreError. */
  invitationOf(token: string): Invitation | undefined {
    return tokenShape.test(token) ? this.#store.invitations.find(token) : undefined
  }

  /** A member who was let in before, as they would be let in now; undefined when they would not. May throw a StoreError. */
  asOfNow(member: Member): Member | undefined {
    if (member.role === 'owner') return member.id === this.#ownerId ? member : undefined
    if (member.role === 'app') return this.#apps.get(member.id)
    return memberOf(this.#admitById(member.id))
  }

  /** A member who has come before, on another device for instance. */
  #admitById(memberId: string): Admitted {
    if (memberId === this.#ownerId) return this.#owner
    const guest = this.#store.guests.get(memberId)
    if (guest) return admitGuest(guest)
    const invitation = this.#store.invitations.get(memberId)
    return invitation ? admitLink(invitation) : { ok: false, reason: 'unknown' }
  }

  #isOwnersOwn(token: string): boolean {
    return this.#store.ownerToken.matches(token) || (this.#localHash !== undefined && isTokenOf(token, this.#localHash))
  }

  get #owner(): Admitted {
    const member = { id: this.#ownerId, name: 'Owner', role: 'owner', lobbies: 'all' } as const
    return { ok: true, member, expiresMs: undefined, isLink: false }
  }

  get #ownerId(): string {
    return this.#store.settings.get(ownerIdSetting) ?? 'owner'
  }
}

function memberOf(admitted: Admitted): Member | undefined {
  return admitted.ok ? admitted.member : undefined
}

function admitGuest({ id, name, role, removedMs, invitation, lobbies }: Guest): Admitted {
  const { state, expiresMs } = invitation
  if (removedMs !== undefined) return { ok: false, reason: 'removed' }
  if (state === 'expired' || state === 'revoked') return { ok: false, reason: state }
  return {
    ok: true,
    member: { id, name, role, lobbies, invitationId: invitation.id },
    expiresMs,
    isLink: false,
  }
}

/**
 * A link that neither counts nor asks for a PIN is as good as what it can be redeemed for, so that it opens as it is: for
 * programs that know nothing but a signalling address (seed 003). Who comes so is one member with all who do.
 */
function admitLink({ id, role, lobbyId, expiresMs, state, hasPin, maxUses }: Invitation): Admitted {
  if (state === 'expired' || state === 'revoked') return { ok: false, reason: state }
  if (hasPin || maxUses !== undefined) return { ok: false, reason: 'not-redeemed' }
  const member = { id, name: anonymousNames[role], role, lobbies: [lobbyId], invitationId: id }
  return { ok: true, member, expiresMs, isLink: true }
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
