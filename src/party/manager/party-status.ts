import type { PartyHappening } from './party-history.ts'
import type { OwnFacts } from '../contract/party-membership.ts'
import type { Party } from '../contract/party.ts'
import type { PartyMode } from './home-and-local.ts'

/** What lets others into the party. */
export interface PartyTicket {
  readonly partyId: string
  /** What one types: the code with its second part, or the id where that is enough. */
  readonly code: string
  /** Whether that and the link hold a second part, which the control plane does not know and is to be told to members alone. */
  readonly isSecret: boolean
  /** Undefined where nobody else reaches the control plane. */
  readonly link: string | undefined
}

/** Seed 002, "Status", and where the party's control plane is. */
export type PartyStatus =
  | { readonly status: 'no_party'; readonly why: string | undefined }
  | {
      readonly status: 'in_party'
      readonly party: Party
      readonly peer_count: number
      readonly nat_info: {
        readonly nat_type: OwnFacts['natType']
        readonly public_ip: string | null
        readonly public_port: number | null
      }
      readonly mode: PartyMode
      /** Of the control plane that is used now, for people. */
      readonly plane: string
      readonly ticket: PartyTicket
      /** Who came and went lately, the newest first. */
      readonly recent: readonly PartyHappening[]
    }
