import * as v from 'valibot'
import type { HostDeparture, PartyAdmission } from '../../domain/party.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import type { WireAddress } from '../../wire/address-bytes.ts'
import * as calls from '../../wire/party/calls.ts'
import {
  partyVersion,
  toldDepartures,
  toldParty,
  type PartyVersion,
  type ToldDepartures,
  type ToldParty,
} from '../../wire/party/records.ts'
import { PartyError, partyErrorCodes, type PartyErrorCode } from '../contract/party-error.ts'
import type { PlaneRequest, PlaneWay } from '../contract/plane-way.ts'

/** Of what cannot be reached; what was refused is not asked again. */
const tries = 3
const retryMs = 500
/** A token is renewed when it is good for less than this. */
const renewMs = 6 * 3_600_000

/** What lets one act for a peer at one control plane. */
export interface PlaneToken {
  readonly token: string
  readonly expiresMs: number
}

/** Where a token is kept over a restart. */
export interface TokenShelf {
  get(address: string): PlaneToken | undefined
  put(address: string, token: PlaneToken): void
}

/** What a peer says of itself, as it is written on the wire. */
export type PeerInfo = v.InferInput<typeof calls.updatePeerCall>['peer_info']

/** A party as a control plane tells it, with what stands beside it. */
export interface ToldMembership {
  readonly party: ToldParty
  readonly virtualAddresses: Readonly<Record<string, string>>
  readonly joinedAt: Readonly<Record<string, string>>
  /** Undefined where the control plane does not number what it tells. */
  readonly version: PartyVersion | undefined
  /** How peers went who have not left by themselves, as far as it was told lately. */
  readonly departures: ToldDepartures
}

/** What stands beside `party` is left out by those who know nothing of it. */
const answer = v.object({
  party: toldParty,
  virtual_addresses: v.optional(v.record(v.string(), v.string()), {}),
  joined_at: v.optional(v.record(v.string(), v.string()), {}),
  version: v.optional(partyVersion),
  departures: v.optional(toldDepartures, {}),
  code: v.optional(v.string()),
})

const relaysAnswer = v.object({
  relays: v.array(v.object({ relay_id: v.string(), public_ip: v.string(), port: v.number() })),
  standing: v.optional(v.record(v.string(), v.object({ well: v.boolean() })), {}),
})

/**
 * The calls of a control plane for one peer (seed 002, "RemoteControlPlaneClient"). It has a token when it needs one, and asks again what
 * could not be reached. Everything rejects with a PartyError.
 */
export class PlaneClient {
  readonly way: PlaneWay
  readonly #peerId: string
  readonly #shelf: TokenShelf
  readonly #clock: Clock
  #registering: Promise<string> | undefined

  constructor(options: { way: PlaneWay; peerId: string; shelf: TokenShelf; clock: Clock }) {
    this.way = options.way
    this.#peerId = options.peerId
    this.#shelf = options.shelf
    this.#clock = options.clock
  }

  async registerParty(wanted: {
    name: string
    self: PeerInfo
    admission: PartyAdmission
    whenHostLeaves: HostDeparture
  }): Promise<ToldMembership & { code: string | undefined }> {
    const body = {
      name: wanted.name,
      host_peer_info: wanted.self,
      admission: wanted.admission,
      when_host_leaves: wanted.whenHostLeaves,
    }
    const { code, ...made } = await this.#ask(answer, { method: 'POST', path: '/parties', body })
    return { ...membershipOf(made), code }
  }

  async findParty(code: string): Promise<string> {
    const found = await this.#ask(calls.foundPartyAnswer, { method: 'POST', path: '/parties/find', body: { code } })
    return found.party_id
  }

  async joinParty(partyId: string, self: PeerInfo, code: string | undefined): Promise<ToldMembership> {
    const body = { party_id: partyId, peer_info: self, ...(code !== undefined && { code }) }
    return membershipOf(await this.#ask(answer, { method: 'POST', path: `/parties/${partyId}/join`, body }))
  }

  async getParty(partyId: string): Promise<ToldMembership> {
    return membershipOf(await this.#ask(answer, { method: 'GET', path: `/parties/${partyId}` }))
  }

  async updatePeer(partyId: string, self: PeerInfo): Promise<ToldMembership> {
    const path = `/parties/${partyId}/peers/${this.#peerId}`
    return membershipOf(await this.#ask(answer, { method: 'PUT', path, body: { peer_info: self } }))
  }

  /** Oneself, or as the host somebody else. */
  async leaveParty(partyId: string, peerId = this.#peerId): Promise<void> {
    await this.#ask(calls.leftAnswer, { method: 'DELETE', path: `/parties/${partyId}/peers/${peerId}` })
  }

  async endParty(partyId: string): Promise<void> {
    await this.#ask(calls.leftAnswer, { method: 'DELETE', path: `/parties/${partyId}` })
  }

  async heartbeat(partyId: string): Promise<void> {
    const path = `/parties/${partyId}/peers/${this.#peerId}/heartbeat`
    await this.#ask(calls.aliveAnswer, { method: 'POST', path })
  }

  /** Where relays are that are well, the best first; of a control plane that does not tell how they are, all. */
  async relays(): Promise<readonly WireAddress[]> {
    const { relays, standing } = await this.#ask(relaysAnswer, { method: 'GET', path: '/relays' })
    return relays.flatMap(({ relay_id: id, public_ip: address, port }) => {
      return standing[id]?.well === false ? [] : { address, port }
    })
  }

  /** The token as it is, or a new one: of nobody yet, or because the one that there was is not good for long. */
  async token(): Promise<string> {
    const kept = this.#shelf.get(this.way.address)
    if (kept && kept.expiresMs - this.#clock.epochMs() > renewMs) return kept.token
    this.#registering ??= this.#register(kept?.token).finally(() => (this.#registering = undefined))
    return this.#registering
  }

  async #register(present: string | undefined): Promise<string> {
    const path = `/auth/register?peer_id=${encodeURIComponent(this.#peerId)}`
    const told = await this.#try(calls.tokenAnswer, { method: 'POST', path, token: present })
    const expiresMs = Date.parse(told.expires_at)
    this.#shelf.put(this.way.address, { token: told.token, expiresMs: Number.isNaN(expiresMs) ? 0 : expiresMs })
    return told.token
  }

  /** With the token; a new one when the plane does not know it any more. */
  async #ask<T>(schema: v.GenericSchema<unknown, T>, request: PlaneRequest): Promise<T> {
    try {
      return await this.#try(schema, { ...request, token: await this.token() })
    } catch (error) {
      if (!(error instanceof PartyError) || error.code !== 'unauthenticated') throw error
      this.#shelf.put(this.way.address, { token: this.#shelf.get(this.way.address)?.token ?? '', expiresMs: 0 })
      return this.#try(schema, { ...request, token: await this.token() })
    }
  }

  async #try<T>(schema: v.GenericSchema<unknown, T>, request: PlaneRequest): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return readAnswer(schema, await this.way.request(request))
      } catch (error) {
        if (!(error instanceof PartyError) || error.code !== 'unreachable' || attempt === tries) throw error
        await sleep(this.#clock, retryMs * attempt)
      }
    }
  }
}

function membershipOf(told: v.InferOutput<typeof answer>): ToldMembership {
  const { party, virtual_addresses: virtualAddresses, joined_at: joinedAt, version, departures } = told
  return { party, virtualAddresses, joinedAt, version, departures }
}

function readAnswer<T>(schema: v.GenericSchema<unknown, T>, { status, json }: { status: number; json: unknown }): T {
  if (status >= 200 && status < 300) {
    const result = v.safeParse(schema, json)
    if (result.success) return result.output
    throw new PartyError('refused', `Cannot read what the control plane answers: ${result.issues[0].message}`)
  }
  const told = v.safeParse(problemLike, json)
  const detail = told.success ? told.output.detail : `it answered with ${status}`
  throw new PartyError(codeOf(status, told.success ? told.output.code : undefined), detail)
}

/** Those of others have a detail and no code. */
const problemLike = v.object({ code: v.optional(v.string()), detail: v.pipe(v.string(), v.maxLength(1000)) })

const byStatus: Readonly<Record<number, PartyErrorCode>> = {
  401: 'unauthenticated',
  403: 'not-yours',
  404: 'party-not-found',
  429: 'too-many-requests',
  502: 'unreachable',
  503: 'unreachable',
}

function codeOf(status: number, told: string | undefined): PartyErrorCode {
  return partyErrorCodes.find((code) => code === told) ?? byStatus[status] ?? 'refused'
}
