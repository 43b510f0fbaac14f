import type * as v from 'valibot'
import type { PartyPeer } from '../../domain/party.ts'
import { readJson } from '../../http/json-body.ts'
import type { KeyedPaces } from '../../http/keyed-paces.ts'
import {
  isoTime,
  peerId as peerIdSchema,
  peerOf,
  relayInfo,
  tellParty,
  tellPeer,
  type ToldPeer,
  tellRelay,
} from '../../wire/party/records.ts'
import * as calls from '../../wire/party/calls.ts'
import type { KnownParty } from '../../store/party-state.ts'
import { PartyError } from '../contract/party-error.ts'
import type { PartyRegistry } from '../registry/party-registry.ts'
import type { StandingRelay } from '../registry/relay-board.ts'
import { checked } from './checked.ts'
import type { PartyVersions } from './party-versions.ts'

type Schema = v.GenericSchema

const maxBodyBytes = 16 * 1024

/** What a call is given. */
export interface ControlRequest {
  readonly request: Request
  /** Of the path. */
  readonly param: (name: string) => string
  readonly query: (name: string) => string | undefined
  /** The token of the header `Authorization`. */
  readonly bearer: string | undefined
  /** Where it comes from. */
  readonly address: string
}

/** One method of one path, as it is served and as the OpenAPI document tells it. */
export interface ControlCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As hono writes it. */
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly body?: Schema
  readonly answer: Schema
  /** Names of what the query has to say. */
  readonly query?: readonly string[]
  /** And of what it may say. */
  readonly mayQuery?: readonly string[]
  /** Whether anybody may ask; otherwise a token is wanted. */
  readonly isOpen?: boolean
  readonly handle: (request: ControlRequest) => Promise<unknown>
}

/** The HTTP calls of a control plane. Each asks first who it is that asks, and whether that peer may. */
export function controlCalls(
  registry: PartyRegistry,
  versions: PartyVersions,
  paces: {
    registrations: KeyedPaces
    parties: KeyedPaces
    /** Whether a peer may make a party here. */
    mayMakeParties: (peerId: string) => boolean
  },
): readonly ControlCall[] {
  const { tokens } = registry
  const asker = ({ bearer }: ControlRequest) => tokens.peerOf(bearer)
  const actingFor = (request: ControlRequest, peerId: string) => {
    if (asker(request) !== peerId) throw new PartyError('not-yours', 'The token is of another peer')
    return peerId
  }
  /** Who is in it sees it; others see one that lets in whoever knows its id. */
  const seen = (request: ControlRequest): KnownParty => {
    const peerId = asker(request)
    const party = registry.party(request.param('id'))
    if (party.record.admission === 'code' && !party.peers.has(peerId)) {
      throw new PartyError('not-a-member', 'Only its members see this party')
    }
    return party
  }
  /** A peer that is different is another object: each is written once for all who ask. */
  const written = new WeakMap<PartyPeer, { readonly peer: ToldPeer; readonly joinedAt: string }>()
  const write = (peer: PartyPeer) => {
    const known = written.get(peer) ?? { peer: tellPeer(peer), joinedAt: isoTime(peer.joinedMs) }
    written.set(peer, known)
    return known
  }
  const told = (party: KnownParty) => ({
    party: tellParty(party, (peer) => write(peer).peer),
    virtual_addresses: virtualAddresses(registry, party),
    joined_at: Object.fromEntries([...party.peers].map(([id, peer]) => [id, write(peer).joinedAt])),
    version: versions.of(party.record.id),
    departures: versions.departures(party.record.id),
  })

  return [
    {
      method: 'POST',
      path: '/auth/register',
      id: 'registerPeer',
      summary: 'A token for a peer id; who has one that is still good brings it, and it is good for another day',
      query: ['peer_id'],
      answer: calls.tokenAnswer,
      isOpen: true,
      async handle(request) {
        if (!paces.registrations.take(request.address)) throw tooFast()
        const peerId = checked(peerIdSchema, request.query('peer_id'), 'peer_id')
        const { token, expiresMs } = await tokens.register(peerId, request.bearer)
        return { token, peer_id: peerId, expires_at: isoTime(expiresMs) }
      },
    },
    {
      method: 'POST',
      path: '/parties',
      id: 'registerParty',
      summary: 'Makes a party, with the peer as its host',
      body: calls.registerPartyCall,
      answer: calls.partyMadeAnswer,
      async handle(request) {
        asker(request)
        const {
          name,
          host_peer_info: host,
          admission,
          when_host_leaves: whenHostLeaves,
        } = await readBody(request, calls.registerPartyCall)
        const peerId = actingFor(request, host.peer_id)
        if (!paces.mayMakeParties(peerId)) throw new PartyError('not-served', notServed)
        if (!paces.parties.take(peerId)) throw tooFast()
        const { party, code } = await registry.registerParty({
          name,
          host: peerOf(host),
          ...(admission && { admission }),
          ...(whenHostLeaves && { whenHostLeaves }),
        })
        return { party_id: party.record.id, ...told(party), ...(code !== undefined && { code }) }
      },
    },
    {
      method: 'POST',
      path: '/parties/find',
      id: 'findParty',
      summary: 'Which party a code lets into',
      body: calls.findPartyCall,
      answer: calls.foundPartyAnswer,
      async handle(request) {
        if (!paces.parties.take(asker(request))) throw tooFast()
        const { record } = registry.findParty((await readBody(request, calls.findPartyCall)).code)
        return { party_id: record.id, name: record.name }
      },
    },
    {
      method: 'GET',
      path: '/parties/:id',
      id: 'getParty',
      summary: 'A party with its peers',
      answer: calls.partyAnswer,
      handle: async (request) => told(seen(request)),
    },
    {
      method: 'DELETE',
      path: '/parties/:id',
      id: 'endParty',
      summary: 'Ends it for all; the host alone may',
      answer: calls.leftAnswer,
      async handle(request) {
        const { record } = registry.party(request.param('id'))
        if (asker(request) !== record.hostId) throw new PartyError('not-the-host', 'Only the host ends a party')
        await registry.endParty(record.id)
        return { status: 'party_deleted' }
      },
    },
    {
      method: 'POST',
      path: '/parties/:id/join',
      id: 'joinParty',
      summary: 'Comes in, or says what is different since',
      body: calls.joinPartyCall,
      answer: calls.partyAnswer,
      async handle(request) {
        asker(request)
        const { peer_info: info, code } = await readBody(request, calls.joinPartyCall)
        const peerId = actingFor(request, info.peer_id)
        // A code has 50 bits; whoever tries many is slowed down all the same.
        if (!paces.parties.take(peerId)) throw tooFast()
        return told(await registry.joinParty(request.param('id'), peerOf(info), code))
      },
    },
    {
      method: 'GET',
      path: '/parties/:id/peers',
      id: 'getPeers',
      summary: 'The peers of a party',
      answer: calls.peersAnswer,
      handle: async (request) => ({ peers: tellParty(seen(request)).peers }),
    },
    {
      method: 'GET',
      path: '/parties/:id/peers/:peer',
      id: 'discoverPeer',
      summary: 'One peer',
      answer: calls.peerAnswer,
      handle: async (request) => ({ peer: tellPeer(registry.peer(seen(request).record.id, request.param('peer'))) }),
    },
    {
      method: 'PUT',
      path: '/parties/:id/peers/:peer',
      id: 'updatePeer',
      summary: 'What is different about a peer: its endpoint, its NAT',
      body: calls.updatePeerCall,
      answer: calls.partyAnswer,
      async handle(request) {
        const peerId = actingFor(request, request.param('peer'))
        const { peer_info: info } = await readBody(request, calls.updatePeerCall)
        return told(await registry.updatePeer(request.param('id'), { ...peerOf(info), peerId }))
      },
    },
    {
      method: 'DELETE',
      path: '/parties/:id/peers/:peer',
      id: 'leaveParty',
      summary: 'Leaves it; the host may take away others too',
      answer: calls.leftAnswer,
      async handle(request) {
        const [partyId, peerId] = [request.param('id'), request.param('peer')]
        const by = asker(request)
        if (by !== registry.party(partyId).record.hostId) actingFor(request, peerId)
        const result = await registry.leaveParty(partyId, peerId, by === peerId ? 'left' : 'removed')
        return { status: result === 'left' ? 'left' : 'party_deleted' }
      },
    },
    {
      method: 'POST',
      path: '/parties/:id/peers/:peer/heartbeat',
      id: 'heartbeat',
      summary: 'That a peer is alive; every 30 s',
      answer: calls.aliveAnswer,
      async handle(request) {
        registry.heartbeat(request.param('id'), actingFor(request, request.param('peer')))
        return { status: 'ok' }
      },
    },
    {
      method: 'POST',
      path: '/relays',
      id: 'registerRelay',
      summary: 'A relay that peers may use, or that it is still there',
      body: relayInfo,
      answer: calls.relayAnswer,
      async handle(request) {
        const relay = await readBody(request, relayInfo)
        const relayId = actingFor(request, relay.relay_id)
        if (!paces.mayMakeParties(relayId) && !registry.isMember(relayId)) throw new PartyError('not-served', notServed)
        await registry.relays.report({
          relayId,
          publicIp: relay.public_ip,
          port: relay.port,
          region: relay.region,
          capacity: relay.capacity,
          sessions: relay.sessions,
        })
        return { status: 'registered', relay_id: relayId }
      },
    },
    {
      method: 'GET',
      path: '/relays',
      id: 'listRelays',
      summary: 'All relays, the best first: well, near, and with room',
      mayQuery: ['near'],
      answer: calls.relaysAnswer,
      async handle(request) {
        asker(request)
        return tellRelays(registry.relays.best({ near: request.query('near') }))
      },
    },
    {
      method: 'GET',
      path: '/relays/:name',
      id: 'listRelaysOf',
      summary: 'The relays of a region, the best first',
      answer: calls.relaysAnswer,
      async handle(request) {
        asker(request)
        return tellRelays(registry.relays.best({ region: request.param('name') }))
      },
    },
    {
      method: 'DELETE',
      path: '/relays/:name',
      id: 'removeRelay',
      summary: 'That a relay goes; it alone may say so',
      answer: calls.relayGoneAnswer,
      async handle(request) {
        await registry.relays.leave(actingFor(request, request.param('name')))
        return { status: 'gone' }
      },
    },
  ]
}

function tellRelays(all: readonly StandingRelay[]): v.InferOutput<typeof calls.relaysAnswer> {
  const standing = all.map(({ relay, sessions, isWell }) => [relay.relayId, { sessions, well: isWell }] as const)
  return { relays: all.map(({ relay }) => tellRelay(relay)), standing: Object.fromEntries(standing) }
}

function virtualAddresses(registry: PartyRegistry, { peers, addresses }: KnownParty): Record<string, string> {
  const here = [...addresses.values()].filter(({ peerId }) => peers.has(peerId))
  return Object.fromEntries(here.map(({ peerId, number }) => [peerId, registry.range.interfaceAddressOf(number)]))
}

export const notServed = 'This host serves its own parties: make yours elsewhere, or ask its owner to serve all'

function tooFast(): PartyError {
  return new PartyError('too-many-requests', 'Slower: try again in a few seconds')
}

/** Clients of seed 002's system say of no body what it is. Throws HttpError, as `readJson`. */
function readBody<T>({ request }: ControlRequest, schema: v.GenericSchema<unknown, T>): Promise<T> {
  return readJson(request, schema, { maxBytes: maxBodyBytes, mediaTypes: 'any' })
}
