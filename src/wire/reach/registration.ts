import * as v from 'valibot'
import { conversation } from '../../kernel/monitor/conversation.ts'
import { after } from '../../kernel/monitor/order.ts'
import { branch, choice } from '../../kernel/protocol/notation.ts'
import { protocol } from '../../kernel/protocol/protocol.ts'
import { speaker, wordsOf } from '../../kernel/protocol/speaker.ts'
import { WireError } from '../wire-error.ts'

/** The WebSocket subprotocol of a host that keeps itself reachable at a gateway. */
export const registrationSubprotocol = 'porchlight.host.v1'
const mostTextBytes = 1024

/**
 * Where a gateway is asked, below its own address: hosts keep a socket at `/hosts`, whoever looks for one of them goes to `/hosts/KEY`, and the
 * host meets them at `/hosts/visits/VISIT`.
 */
export const hostsPath = '/hosts'

export type GatewayPlace =
  | { readonly kind: 'registration' }
  /** `key`: of the host that is wanted, base64url. */
  | { readonly kind: 'host'; readonly key: string }
  | { readonly kind: 'visit'; readonly visit: string }

const place = /^\/hosts(?:\/(?:([\w-]{43})|visits\/([\w-]{24})))?\/?$/

/** What that path of a gateway is for; undefined for none of them. */
export function gatewayPlaceOf(path: string): GatewayPlace | undefined {
  const match = place.exec(path)
  if (!match) return undefined
  const [, key, visit] = match
  if (key !== undefined) return { kind: 'host', key }
  return visit === undefined ? { kind: 'registration' } : { kind: 'visit', visit }
}

const base64url = (bytes: number) =>
  v.pipe(v.string(), v.length(Math.ceil((bytes * 4) / 3)), v.regex(/^[\w-]+$/, 'base64url'))

const hostMessage = v.variant('type', [
  v.object({
    type: v.literal('register'),
    /** The public key of its native transport, as its links tell it. */
    key: base64url(32),
    /** That it has the secret half, see `proveKey`. */
    proof: base64url(32),
  }),
  v.object({ type: v.literal('alive') }),
])
export type RegisteringMessage = v.InferOutput<typeof hostMessage>

/** Why a gateway does not take a host: `proof`, it has not shown that the key is its own; `full` and `busy`, there is no room, or it comes too often. */
export const registrationRefusals = ['proof', 'full', 'busy', 'not-served'] as const
export type RegistrationRefusal = (typeof registrationRefusals)[number]

/** No more relays of a gateway are told, so that they fit into a message. */
export const mostGatewayRelays = 4
/**
 * Relays that the gateway knows of, the best first, each named by its address; left out where they are as they were told last. They answer STUN, and
 * forward for those whose issuer they take.
 */
const relays = v.optional(
  v.pipe(
    v.array(
      v.object({
        address: v.pipe(v.string(), v.ip()),
        port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      }),
    ),
    v.maxLength(mostGatewayRelays),
  ),
)

const planeMessage = v.variant('type', [
  /** A public key of X25519, made for this socket. */
  v.object({ type: v.literal('challenge'), key: base64url(32) }),
  v.object({ type: v.literal('registered'), relays }),
  /** The socket ends. */
  v.object({
    type: v.literal('refused'),
    code: v.picklist(registrationRefusals),
    message: v.pipe(v.string(), v.maxLength(300)),
  }),
  v.object({ type: v.literal('alive'), relays }),
  /** Somebody looks for the host, who is to meet them at that place soon. */
  v.object({
    type: v.literal('visitor'),
    visit: base64url(18),
    /** Where they come from, by which those who ask too often are told apart. */
    source: v.pipe(v.string(), v.regex(/^[\da-f.:/]{1,64}$/)),
  }),
])
export type GatewayMessage = v.InferOutput<typeof planeMessage>

const roles = ['host', 'plane'] as const
const hostWords = wordsOf(hostMessage.options)
const planeWords = wordsOf(planeMessage.options)
const host = speaker('host', 'plane', hostWords)
const plane = speaker('plane', 'host', planeWords)

/**
 * How a host that nobody can reach keeps itself findable: on a socket of its own to a control plane, as long as it is there. It proves by the key of
 * its native transport who it is, and hears of each visitor. What they say to each other goes by sockets of their own.
 */
export const hostRegistration = conversation(
  'host registration',
  roles,
  [
    protocol('who the host is', roles, [
      choice('plane', 'host', {
        challenge: branch(planeWords.challenge, [
          choice('host', 'plane', {
            register: branch(hostWords.register, [
              choice('plane', 'host', {
                registered: branch(planeWords.registered),
                refused: branch(planeWords.refused),
              }),
            ]),
          }),
        ]),
        refused: branch(planeWords.refused),
      }),
    ]),
    protocol('the host is there', roles, [host.stream('alive')]),
    protocol('the plane is there', roles, [plane.stream('alive')]),
    protocol('visitors', roles, [plane.stream('visitor')]),
  ],
  [after({ plane: ['registered'] }, { host: ['alive'], plane: ['alive', 'visitor'] })],
)

export function encodeRegistration(message: RegisteringMessage | GatewayMessage): string {
  return JSON.stringify(message)
}

/** Throws WireError `too-long` or `malformed`. */
export const decodeRegistering = (text: string): RegisteringMessage => decode(hostMessage, text)

/** Throws WireError `too-long` or `malformed`. */
export const decodeGatewayMessage = (text: string): GatewayMessage => decode(planeMessage, text)

function decode<Output>(schema: v.GenericSchema<unknown, Output>, text: string): Output {
  if (text.length > mostTextBytes) throw new WireError('too-long', 'A message of a registration is too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new WireError('malformed', 'A message of a registration is not JSON')
  }
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  throw new WireError('malformed', `A message of a registration is wrong at "${v.getDotPath(result.issues[0]) ?? ''}"`)
}
