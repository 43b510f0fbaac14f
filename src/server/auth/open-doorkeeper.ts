import type { Store } from '../../store/open-store.ts'
import { hashToken } from '../../store/token.ts'
import type { Place } from '../../http/turnstile.ts'
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
  /**
   * Whose a token is, as far as it decides who is served first: the owner's, a guest's, or that of a device of theirs. Undefined for all
   * others, who wait where strangers do until they are let in. May throw a StoreError.
   */
  readonly placeOf: (token: string) => Place | undefined
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
  const guests = new GuestSource(store.guests)
  const people = [owner, guests, ...(party ? [party] : []), links]
  const placeOfMember = (memberId: string): Place => ({
    queue: memberId === owner.memberId ? 'owner' : 'members',
    flow: memberId,
  })
  return {
    doorkeeper: new Doorkeeper([new DeviceSource(store.devices, people), apps, ...people]),
    links,
    placeOf: (token) => {
      if (!isToken(token)) return undefined
      if (owner.isTheirs(token)) return placeOfMember(owner.memberId)
      const device = store.devices.find({ kind: 'token', hash: hashToken(token) })
      if (device) return placeOfMember(device.memberId)
      const guest = guests.memberOf(token)
      return guest && placeOfMember(guest.id)
    },
  }
}
