import * as v from 'valibot'
import { addressBytes } from '../address-bytes.ts'
import { leaseBytes } from '../relay/lease.ts'
import { WireError } from '../wire-error.ts'

/**
 * What two ends tell each other, over whatever carries signalling, so that each finds the other: who one is in checks, where one may be
 * found, and through which relays. All of it is text that goes into JSON.
 */

/** Of one end, at a time. */
export const mostCandidates = 16
/** Of one session. */
export const mostRelays = 8
/** That one end asks. */
export const mostStunServers = 4

/** 32 or 166 bytes, for instance. */
const base64url = (bytes: number) =>
  v.pipe(v.string(), v.length(Math.ceil((bytes * 4) / 3)), v.regex(/^[\w-]+$/, 'base64url'))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
const ipAddress = v.pipe(
  v.string(),
  v.maxLength(45),
  v.check((text) => addressBytes(text) !== undefined, 'an IP address'),
)
const place = v.object({ address: ipAddress, port })
const candidates = v.pipe(v.array(place), v.maxLength(mostCandidates))

const introduction = {
  /** Names the end in checks; see `PathCredentials`. */
  fragment: v.pipe(v.string(), v.regex(/^[\w+/-]{4,64}$/)),
  /** What its checks are sealed with. */
  password: v.pipe(v.string(), v.regex(/^[\w+/-]{22,64}$/)),
  /** Its key in leases of relays, made for this session: Ed25519, base64url. */
  relayKey: base64url(32),
  candidates,
  /** STUN servers that this end asks where it is seen; the other end may ask them too. */
  stun: v.optional(v.pipe(v.array(place), v.maxLength(mostStunServers))),
  /** It probes for a path by birthday where the other end does; see `BirthdayProbing`. */
  birthday: v.optional(v.boolean()),
}

const relay = v.object({
  /** As people call it, and as its leases do: `relay.example.org:3478`. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  ...place.entries,
  lease: base64url(leaseBytes),
})
/** A relay that may be used, and by what right. */
export type OfferedRelay = v.InferOutput<typeof relay>

/** By their types. */
export const reachWords = {
  /** Said once by each end, before all else. */
  introduce: v.object({ type: v.literal('introduce'), ...introduction }),
  /** More of them, or others since this end is on another network. */
  candidates: v.object({ type: v.literal('candidates'), candidates }),
  /** From whoever issues leases, to both ends; again before they expire. */
  relays: v.object({ type: v.literal('relays'), relays: v.pipe(v.array(relay), v.maxLength(mostRelays)) }),
}

export const reachSignal = v.variant('type', [reachWords.introduce, reachWords.candidates, reachWords.relays])
export type ReachSignal = v.InferOutput<typeof reachSignal>
export type Introduction = Extract<ReachSignal, { type: 'introduce' }>

/** Checks what came as one, parsed already. Throws WireError `malformed`, which repeats nothing of it: secrets are in it. */
export function parseReachSignal(value: unknown): ReachSignal {
  const result = v.safeParse(reachSignal, value)
  if (result.success) return result.output
  const path = v.getDotPath(result.issues[0]) ?? ''
  throw new WireError('malformed', `A signal about paths is wrong at "${path}"`)
}
