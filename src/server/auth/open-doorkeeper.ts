import type { Store } from '../../store/open-store.ts'
import { hashToken } from '../../store/token.ts'
import { DeviceSource } from './device-source.ts'
import { Doorkeeper, isToken } from './doorkeeper.ts'
import { GuestSource } from './guest-source.ts'
import { LinkSource } from './link-source.ts'
import type { MemberSource } from './member-source.ts'
import { OwnerSource } from './owner-source.ts'

/** Who lets members in, from every source that there is, and what else has to be known at the door. */
export interface Door {
  readonly doorkeeper: Doorkeeper
  readonly links: LinkSource
  /** Whether a token is the owner's, or that of one of their devices, as far as it decides who is served first. May throw a StoreError. */
  readonly isOwners: (token: string) => boolean
}

/** `apps`: those of the apps that run. `localToken` lets commands of this machine in as the owner. */
export function openDoorkeeper(options: {
  readonly store: Pick<Store, 'ownerToken' | 'guests' | 'invitations' | 'devices'>
  readonly apps: MemberSource
  /** Those of the party that the host is in; undefined where there are no parties. */
  readonly party?: MemberSource | undefined
  readonly localToken?: string | undefined
}): Door {
  const { store, apps, party, localToken } = options
  const owner = new OwnerSource(store.ownerToken, localToken)
  const links = new LinkSource(store.invitations)
  const people = [owner, new GuestSource(store.guests), ...(party ? [party] : []), links]
  const isOfOwnersDevice = (token: string) =>
    store.devices.find({ kind: 'token', hash: hashToken(token) })?.memberId === owner.memberId
  return {
    doorkeeper: new Doorkeeper([new DeviceSource(store.devices, people), apps, ...people]),
    links,
    isOwners: (token) => isToken(token) && (owner.isTheirs(token) || isOfOwnersDevice(token)),
  }
}
