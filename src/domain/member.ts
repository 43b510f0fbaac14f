/** What somebody may do here (see `rights.ts`); `app` is the app of a lobby itself. */
export const roles = ['owner', 'player', 'viewer', 'agent', 'app'] as const
export type Role = (typeof roles)[number]

/** What somebody who was invited may be. */
export const invitedRoles = ['player', 'viewer', 'agent'] as const satisfies readonly Role[]
export type InvitedRole = (typeof invitedRoles)[number]

/** The lobbies that somebody has to do with: all of them, or those with these ids. */
export type LobbyScope = 'all' | readonly string[]

/** What a device proves itself with: a token that it was handed, the certificate of its TLS connection, or a key pair. */
export const deviceKinds = ['token', 'certificate', 'key'] as const
export type DeviceKind = (typeof deviceKinds)[number]

/** What somebody came on. */
export interface MemberDevice {
  /** Undefined for one that is not kept: a browser with a link of its own, whose name is only what it says of itself. */
  readonly id: string | undefined
  readonly kind: DeviceKind
  /** For people. */
  readonly name: string
}

/** Somebody who was let in, by a token or by a device and not by an address. */
export interface Member {
  /** Stays the same for all sessions that one token opens, and for all devices of one person. */
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly lobbies: LobbyScope
  /** What they came by; left out for who needed none. */
  readonly invitationId?: string
  /** What they came on; left out where that is not known. */
  readonly device?: MemberDevice
}
