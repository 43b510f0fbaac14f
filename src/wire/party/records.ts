import * as v from 'valibot'
import { natTypes } from '../../domain/nat-type.ts'
import { peerDepartures, type PartyPeer, type PartyRecord, type PartyRelay } from '../../domain/party.ts'

/** As a control plane's clients write them (docs/parties.md, "The wire"): snake_case, and exactly these keys. */

/** Letters that need no escape in an address, and nothing that a file or a terminal takes for something else. */
export const peerId = v.pipe(
  v.string(),
  v.regex(/^[\w.:-]{1,64}$/, 'wanted 1 to 64 letters, digits, dots, colons, hyphens and underscores'),
)

/** What another control plane made is taken too. */
export const partyId = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/, 'wanted 1 to 64 letters, digits and hyphens'))

/** Of a party or a peer: no control characters, and not only blanks. */
const name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'wanted a name'),
  v.maxLength(100, 'wanted at most 100 characters'),
  v.check((text) => !/[\p{Cc}\p{Cf}]/u.test(text), 'wanted a name without control characters'),
)

const address = v.pipe(v.string(), v.regex(/^[\da-fA-F.:]{2,45}$/, 'wanted an IP address'))
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))

/** Time of the day as Python 3.10 reads it too: with an offset, without a `Z`. */
const time = v.string()

/** What a peer says of itself. `last_seen` is taken and not heeded: the control plane sees for itself. */
export const peerInfo = v.object({
  peer_id: peerId,
  name,
  public_key: v.pipe(v.string(), v.maxLength(128, 'wanted a key of at most 128 characters')),
  nat_type: v.optional(v.picklist(natTypes), 'unknown'),
  public_ip: v.optional(v.nullable(address), null),
  public_port: v.optional(v.nullable(port), null),
  local_ip: v.optional(v.nullable(address), null),
  local_port: v.optional(v.nullable(port), null),
  last_seen: v.optional(v.nullable(v.string())),
})

/** Clients make records of all keys and fail on any other one, so that there are exactly these. */
export const toldPeer = v.strictObject({
  peer_id: v.string(),
  name: v.string(),
  public_key: v.string(),
  nat_type: v.picklist(natTypes),
  public_ip: v.nullable(v.string()),
  public_port: v.nullable(v.number()),
  local_ip: v.nullable(v.string()),
  local_port: v.nullable(v.number()),
  last_seen: time,
})
export type ToldPeer = v.InferOutput<typeof toldPeer>

export const toldParty = v.strictObject({
  party_id: v.string(),
  name: v.string(),
  host_id: v.string(),
  created_at: time,
  peers: v.record(v.string(), toldPeer),
})
export type ToldParty = v.InferOutput<typeof toldParty>

/** A party as it was at one moment: of two of one epoch the greater number is newer. Another epoch is another life of a control plane. */
export const partyVersion = v.object({
  epoch: v.pipe(v.string(), v.maxLength(64)),
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
})
export type PartyVersion = v.InferOutput<typeof partyVersion>

/** How peers went who have not left by themselves, the last of them; beside the party, since clients of old know nothing of it. */
export const toldDepartures = v.record(v.string(), v.picklist(peerDepartures))
export type ToldDepartures = v.InferOutput<typeof toldDepartures>

export const partyName = name

/** What a relay says of itself. */
export const relayInfo = v.object({
  relay_id: peerId,
  public_ip: address,
  port,
  region: v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/, 'wanted 1 to 32 letters, digits and hyphens')),
  capacity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)),
  /** How many it has now. */
  sessions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000)), 0),
})
export type RelayInfo = v.InferOutput<typeof relayInfo>

export const toldRelay = v.strictObject({
  relay_id: v.string(),
  public_ip: v.string(),
  port: v.number(),
  region: v.string(),
  capacity: v.number(),
  registered_at: time,
})

/** A peer as its input says it is. */
export function peerOf(info: v.InferOutput<typeof peerInfo>): Omit<PartyPeer, 'partyId' | 'joinedMs' | 'seenMs'> {
  return {
    peerId: info.peer_id,
    name: info.name,
    publicKey: info.public_key,
    natType: info.nat_type,
    publicIp: info.public_ip ?? undefined,
    publicPort: info.public_port ?? undefined,
    localIp: info.local_ip ?? undefined,
    localPort: info.local_port ?? undefined,
  }
}

export function tellPeer(peer: Omit<PartyPeer, 'partyId' | 'joinedMs'>): ToldPeer {
  return {
    peer_id: peer.peerId,
    name: peer.name,
    public_key: peer.publicKey,
    nat_type: peer.natType,
    public_ip: peer.publicIp ?? null,
    public_port: peer.publicPort ?? null,
    local_ip: peer.localIp ?? null,
    local_port: peer.localPort ?? null,
    last_seen: isoTime(peer.seenMs),
  }
}

export function tellParty(
  party: { record: PartyRecord; peers: ReadonlyMap<string, PartyPeer> },
  tell: (peer: PartyPeer) => ToldPeer = tellPeer,
): ToldParty {
  const { id, name: called, hostId, createdMs } = party.record
  const peers = Object.fromEntries([...party.peers].map(([key, peer]) => [key, tell(peer)]))
  return { party_id: id, name: called, host_id: hostId, created_at: isoTime(createdMs), peers }
}

export function tellRelay(relay: PartyRelay): v.InferOutput<typeof toldRelay> {
  return {
    relay_id: relay.relayId,
    public_ip: relay.publicIp,
    port: relay.port,
    region: relay.region,
    capacity: relay.capacity,
    registered_at: isoTime(relay.registeredMs),
  }
}

/** ISO 8601 as `datetime.fromisoformat` of Python 3.10 reads it, which knows no `Z`. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '+00:00')
}
