/** What shows and changes the party of a host, beside the client that shows a lobby of it. */
export { PartyApi } from './api/party-api.ts'
export { withPartyChange } from './api/party-changes.ts'
export { peerIdOf } from '../domain/party-member.ts'
export { partyPermissions, type PartyPermission } from '../domain/party-permission.ts'
export type { PartyInvitation, PartyPeerView, PartyView, PartyVisit } from '../wire/api/party.ts'
export { portId, type OpenPort, type PartyNetworkView, type SharePort } from '../wire/api/party-network.ts'
export { parsePartyLink } from '../wire/party/party-link.ts'
