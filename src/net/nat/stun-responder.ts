import type { WireAddress } from '../../wire/address-bytes.ts'
import { decodeStun, encodeStun, isStun } from '../../wire/stun/stun-codec.ts'
import type { StunAttributes, StunChange } from '../../wire/stun/stun-message.ts'
import { WireError } from '../../wire/wire-error.ts'

/** What a STUN server knows of its own addresses: two of each make it one by which NATs can be told apart (RFC 5780). */
export interface StunPlaces {
  /** One, or two. */
  readonly addresses: readonly string[]
  /** As many. */
  readonly ports: readonly number[]
}

/** An answer, and by which of its addresses and ports it has to leave. */
export interface StunReply {
  readonly bytes: Uint8Array
  readonly address: number
  readonly port: number
}

/**
 * What a STUN server says to a datagram that came to one of its places; undefined for what is no request. Nothing is remembered, and
 * an answer is to be sent once: with all it can have it is 108 bytes long, so requests are limited before they come here.
 */
export function answerStun(
  bytes: Uint8Array,
  from: WireAddress,
  at: { readonly places: StunPlaces; readonly address: number; readonly port: number },
): StunReply | undefined {
  if (!isStun(bytes)) return undefined
  try {
    const request = decodeStun(bytes)
    if (request.kind !== 'request') return undefined
    const { transactionId, notUnderstood, attributes } = request
    const { places } = at
    const refuse = (code: number, reason: string, more: StunAttributes = {}): StunReply => ({
      bytes: encodeStun({ kind: 'error', transactionId, attributes: { errorCode: { code, reason }, ...more } }),
      address: at.address,
      port: at.port,
    })
    if (notUnderstood.length > 0) {
      return refuse(420, 'Unknown Attribute', { unknownAttributes: notUnderstood.slice(0, 8) })
    }
    const change = attributes.changeRequest ?? { address: false, port: false }
    const other = otherPlace(at)
    if ((change.address || change.port) && !other) return refuse(400, 'No other address')
    const { address, port } = changed(at, change)
    const answer: StunAttributes = {
      xorMappedAddress: from,
      responseOrigin: placeOf(places, address, port),
      ...(other && { otherAddress: other }),
    }
    return { bytes: encodeStun({ kind: 'success', transactionId, attributes: answer }), address, port }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

type At = Parameters<typeof answerStun>[2]

function changed({ address, port }: At, change: StunChange): { address: number; port: number } {
  return { address: change.address ? 1 - address : address, port: change.port ? 1 - port : port }
}

/** Both different from where the request came to. */
function otherPlace({ places, address, port }: At): WireAddress | undefined {
  const hasTwo = places.addresses.length === 2 && places.ports.length === 2
  return hasTwo ? placeOf(places, 1 - address, 1 - port) : undefined
}

function placeOf({ addresses, ports }: StunPlaces, address: number, port: number): WireAddress {
  return { address: addresses[address] ?? '0.0.0.0', port: ports[port] ?? 0 }
}
