import type { Member } from '../../domain/member.ts'

/** What somebody shows at the door: a token, or what their device proves itself with on its own wire. */
export type Credential = { readonly kind: 'token'; readonly token: string } | DeviceCredential

export interface DeviceCredential {
  readonly kind: 'certificate' | 'key'
  /** SHA-256 of the certificate (DER) or of the raw public key, in hexadecimal; colons, spaces and case do not matter. */
  readonly fingerprint: string
}

/** Whom a credential lets in, or why nobody. */
export type Admitted =
  | {
      readonly ok: true
      readonly member: Member
      /** Milliseconds since the Unix epoch; undefined for who may stay. */
      readonly expiresMs: number | undefined
      /** It is the token of a link, made to be handed on. */
      readonly isLink: boolean
    }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'revoked' | 'removed' | 'not-redeemed' }

/**
 * Where some of the members come from: the owner, guests, apps, devices. It answers for its own and leaves the others to the other
 * sources. It keeps nothing that another process could have changed. Every call may reject with a StoreError.
 */
export interface MemberSource {
  /** Whom the credential lets in now, or why nobody; undefined for one that is not of this source. */
  admit(credential: Credential): Promise<Admitted | undefined>
  /** A member who was let in before, as they would be let in now; undefined for one who is not of this source. */
  asOfNow(member: Pick<Member, 'id' | 'device'>): Promise<Admitted | undefined>
}
