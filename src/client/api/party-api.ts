import * as network from '../../wire/api/party-network.ts'
import * as resource from '../../wire/api/party.ts'
import type { ApiClient, Thumbnail } from './api-client.ts'

/** The party that a host is in, for its owner. Apart from {@link ApiClient}, since programs that show one lobby have no use for it. */
export class PartyApi {
  readonly #api: ApiClient

  constructor(api: ApiClient) {
    this.#api = api
  }

  read(): Promise<resource.PartyView> {
    return this.#api.ask('GET', '/party', resource.party)
  }

  create(wanted: resource.CreateParty): Promise<resource.PartyView> {
    return this.#api.ask('POST', '/party', resource.party, { body: wanted })
  }

  /** By a code or a link. */
  join(wanted: resource.JoinParty): Promise<resource.PartyView> {
    return this.#api.ask('POST', '/party/join', resource.party, { body: wanted })
  }

  /** What others come in by, a secret where the code has a second part. */
  invitation(): Promise<resource.PartyInvitation> {
    return this.#api.ask('GET', '/party/invitation', resource.partyInvitation)
  }

  leave(): Promise<resource.PartyView> {
    return this.#api.ask('POST', '/party/leave', resource.party)
  }

  /** For all; its host alone may. */
  end(): Promise<resource.PartyView> {
    return this.#api.ask('DELETE', '/party', resource.party)
  }

  /** What members may do here. */
  changeRights(change: resource.ChangePartyRights): Promise<resource.PartyView> {
    return this.#api.ask('PUT', '/party/rights', resource.party, { body: change })
  }

  /** How members reach each other, and the ports that they share. */
  network(): Promise<network.PartyNetworkView> {
    return this.#api.ask('GET', '/party/network', network.partyNetwork)
  }

  /** Lets members come to a port of the host's machine. */
  share(wanted: network.SharePort): Promise<network.PartyNetworkView> {
    return this.#api.ask('POST', '/party/shares', network.partyNetwork, { body: wanted })
  }

  /** Of the port that is named like "tcp-25565". */
  unshare(portId: string): Promise<network.PartyNetworkView> {
    return this.#api.ask('DELETE', `/party/shares/${encodeURIComponent(portId)}`, network.partyNetwork)
  }

  /** Opens a port of the host's machine that leads to a member's. */
  openPort(wanted: network.OpenPort): Promise<network.PartyNetworkView> {
    return this.#api.ask('POST', '/party/ports', network.partyNetwork, { body: wanted })
  }

  /** Of the local port that is named like "tcp-25565". */
  closePort(portId: string): Promise<network.PartyNetworkView> {
    return this.#api.ask('DELETE', `/party/ports/${encodeURIComponent(portId)}`, network.partyNetwork)
  }

  async removePeer(peerId: string): Promise<void> {
    await this.#api.request('DELETE', pathOf(peerId))
  }

  /** A way into a member's lobby. */
  visit(peerId: string, lobbyId: string): Promise<resource.PartyVisit> {
    return this.#api.ask('POST', `${pathOf(peerId)}/visit`, resource.partyVisit, { body: { lobbyId } })
  }

  /** How a member's lobby looks, as `ApiClient.thumbnail` tells of one that is here. */
  async thumbnail(peerId: string, lobbyId: string, tag?: string): Promise<Thumbnail | 'same' | undefined> {
    return this.#api.picture(`${pathOf(peerId)}/lobbies/${encodeURIComponent(lobbyId)}/thumbnail`, tag)
  }

  /** Starts an app at a member's, and tells the way in. */
  start(peerId: string, appId: string): Promise<resource.PartyVisit> {
    return this.#api.ask('POST', `${pathOf(peerId)}/start`, resource.partyVisit, { body: { appId } })
  }
}

function pathOf(peerId: string): string {
  return `/party/peers/${encodeURIComponent(peerId)}`
}
