import type { PartyAdmission } from '../../domain/party.ts'
import type { PlaneAddress } from '../contract/nearby.ts'
import type { ToldMembership } from '../plane/plane-client.ts'
import type { KeptMembership } from './own-identity.ts'

export interface MembershipOptions {
  readonly me: string
  readonly code: string | undefined
  readonly secret: string | undefined
  readonly admission: PartyAdmission
  /** This machine's own control plane where it is undefined. */
  readonly plane: PlaneAddress | undefined
  /** Since the Unix epoch. */
  readonly nowMs: number
}

/** What is kept of a party that was made or joined. */
export function membershipOf(
  { party, joinedAt }: ToldMembership,
  { me, code, secret, admission, plane, nowMs }: MembershipOptions,
): KeptMembership {
  return {
    id: party.party_id,
    name: party.name,
    host_id: party.host_id,
    created_ms: timeOf(party.created_at) ?? nowMs,
    joined_ms: timeOf(joinedAt[me]) ?? nowMs,
    admission,
    ...(code !== undefined && { code }),
    ...(secret !== undefined && { secret }),
    ...(plane && { plane: keptAddress(plane) }),
  }
}

/** Of the control plane of a party that was kept; undefined for this machine's own. */
export function addressOf(plane: KeptMembership['plane']): PlaneAddress | undefined {
  return plane && { url: plane.url, fingerprint: plane.fingerprint }
}

function keptAddress({ url, fingerprint }: PlaneAddress): NonNullable<KeptMembership['plane']> {
  return { url, ...(fingerprint !== undefined && { fingerprint }) }
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? undefined : time
}
