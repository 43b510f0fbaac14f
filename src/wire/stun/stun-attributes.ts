import { addressBytes, addressText, type WireAddress } from '../address-bytes.ts'
import { WireError } from '../wire-error.ts'
import type { StunAttributes, StunChange, StunErrorCode } from './stun-message.ts'

/** RFC 8489 section 5: in every message, and what addresses are mixed with. */
export const magicCookie = 0x2112a442

/** One attribute: its number, and its value to bytes and back. `id` is the transaction's. */
interface StunAttribute<Value> {
  readonly type: number
  readonly read: (bytes: Uint8Array, id: Uint8Array) => Value
  readonly write: (value: Value, id: Uint8Array) => Uint8Array
}

/** Any of them, by its name alone. */
interface NamedAttribute {
  readonly name: string
  readonly type: number
  readonly read: (bytes: Uint8Array, id: Uint8Array) => unknown
  readonly write: (value: never, id: Uint8Array) => Uint8Array
}

type Attributes = { readonly [Name in keyof StunAttributes]-?: StunAttribute<NonNullable<StunAttributes[Name]>> }

/** In the order in which they are written. */
const attributes: Attributes = {
  software: text(0x8022, 763),
  mappedAddress: addressOf(0x0001, false),
  changeRequest: {
    type: 0x0003,
    read: (bytes): StunChange => {
      const flags = number(bytes, 4)
      return { address: (flags & 4) !== 0, port: (flags & 2) !== 0 }
    },
    write: ({ address, port }) => Uint8Array.of(0, 0, 0, (address ? 4 : 0) | (port ? 2 : 0)),
  },
  errorCode: {
    type: 0x0009,
    read: (bytes): StunErrorCode => {
      const view = viewOf(bytes)
      want(bytes.length >= 4, 'an error code of four bytes or more')
      const code = (view.getUint8(2) & 7) * 100 + view.getUint8(3)
      want(code >= 300 && code < 700 && view.getUint8(3) < 100, 'an error code from 300 to 699')
      return { code, reason: utf8(bytes.subarray(4), 763) }
    },
    write: ({ code, reason }) => {
      const said = new TextEncoder().encode(reason)
      const bytes = new Uint8Array(4 + said.length)
      bytes.set([0, 0, Math.trunc(code / 100), code % 100])
      bytes.set(said, 4)
      return bytes
    },
  },
  unknownAttributes: {
    type: 0x000a,
    read: (bytes) => {
      want(bytes.length % 2 === 0, 'a list of types of two bytes')
      return Array.from({ length: bytes.length / 2 }, (_, at) => viewOf(bytes).getUint16(2 * at))
    },
    write: (types) => Uint8Array.from(types.flatMap((type) => [type >>> 8, type & 0xff])),
  },
  xorMappedAddress: addressOf(0x0020, true),
  responseOrigin: addressOf(0x802b, false),
  otherAddress: addressOf(0x802c, false),
  priority: { type: 0x0024, read: (bytes) => number(bytes, 4), write: (value) => numberBytes(value, 4) },
  useCandidate: {
    type: 0x0025,
    read: (bytes) => {
      want(bytes.length === 0, 'no value')
      return true
    },
    write: () => new Uint8Array(0),
  },
  iceControlled: tieBreaker(0x8029),
  iceControlling: tieBreaker(0x802a),
  // Of the internet draft on renomination: a lower number that is late takes nothing back.
  nomination: {
    type: 0xc001,
    read: (bytes) => number(bytes, 4) & 0xffffff,
    write: (value) => numberBytes(value & 0xffffff, 4),
  },
  username: text(0x0006, 508),
  nonce: text(0x0015, 763),
  realm: text(0x0014, 763),
}

export const stunAttributes: readonly NamedAttribute[] = Object.entries(attributes).map(([name, attribute]) => ({
  name,
  ...attribute,
}))

function text(type: number, most: number): StunAttribute<string> {
  return {
    type,
    read: (bytes) => utf8(bytes, most),
    write: (value) => {
      const bytes = new TextEncoder().encode(value)
      if (bytes.length > most)
        throw new WireError('too-long', `Cannot write a text of ${bytes.length} bytes: ${most} fit`)
      return bytes
    },
  }
}

function tieBreaker(type: number): StunAttribute<Uint8Array> {
  return {
    type,
    read: (bytes) => {
      want(bytes.length === 8, 'eight bytes')
      return bytes.slice()
    },
    write: (value) => {
      if (value.length !== 8) throw new WireError('out-of-range', `Cannot write ${value.length} bytes: wanted eight`)
      return value
    },
  }
}

/**
 *     | 0 (8) | family (8): 1 or 2 | port (16) | address (32 or 128) |
 *
 * Mixed: the port with the upper half of the cookie, the address with the cookie and the transaction behind it.
 */
function addressOf(type: number, isMixed: boolean): StunAttribute<WireAddress> {
  const mix = (bytes: Uint8Array, id: Uint8Array) => {
    const mask = isMixed ? [0x21, 0x12, 0xa4, 0x42, ...id] : []
    return bytes.map((byte, at) => byte ^ (mask[at] ?? 0))
  }
  const portMask = isMixed ? magicCookie >>> 16 : 0
  return {
    type,
    read: (bytes, id) => {
      want(bytes.length === 8 || bytes.length === 20, 'an address of eight or twenty bytes')
      const view = viewOf(bytes)
      want(view.getUint8(1) === (bytes.length === 8 ? 1 : 2), 'the family of the address')
      return { address: addressText(mix(bytes.subarray(4), id)), port: view.getUint16(2) ^ portMask }
    },
    write: ({ address, port }, id) => {
      const own = addressBytes(address)
      if (!own) throw new WireError('out-of-range', 'Cannot write an address: wanted one of IPv4 or IPv6')
      const bytes = new Uint8Array(4 + own.length)
      bytes[1] = own.length === 4 ? 1 : 2
      viewOf(bytes).setUint16(2, port ^ portMask)
      bytes.set(mix(own, id), 4)
      return bytes
    },
  }
}

function number(bytes: Uint8Array, length: number): number {
  want(bytes.length === length, `a number of ${length} bytes`)
  return viewOf(bytes).getUint32(0)
}

function numberBytes(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  viewOf(bytes).setUint32(0, value)
  return bytes
}

function utf8(bytes: Uint8Array, most: number): string {
  want(bytes.length <= most, `a text of ${most} bytes at most`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new WireError('malformed', 'Cannot read a text: it is not UTF-8')
  }
}

function want(holds: boolean, what: string): void {
  if (!holds) throw new WireError('malformed', `Cannot read a STUN attribute: wanted ${what}`)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
