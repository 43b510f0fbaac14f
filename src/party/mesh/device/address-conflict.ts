import { addressBytes } from '../../../wire/address-bytes.ts'
import type { LocalRoute } from './network-links.ts'

/** What a range of a party's addresses meets on a machine: nothing, something wider that it hides a part of, or what it cannot be beside. */
export type AddressConflict =
  | { readonly kind: 'none' }
  | { readonly kind: 'hides'; readonly route: LocalRoute }
  | { readonly kind: 'conflict'; readonly route: LocalRoute }

/**
 * Whether the range can be had beside these routes. One that lies in it would take its packets away, and the other way round; of a wider
 * one the range is a hole that leads into the party, as longer prefixes win.
 */
export function findConflict(range: string, routes: readonly LocalRoute[], ownDevice: string): AddressConflict {
  const own = readRange(range)
  let hides: LocalRoute | undefined
  for (const route of routes) {
    const other = route.device === ownDevice ? undefined : readRange(route.range)
    if (!own || !other || !overlap(own, other)) continue
    if (other.bits >= own.bits) return { kind: 'conflict', route }
    hides = route
  }
  return hides ? { kind: 'hides', route: hides } : { kind: 'none' }
}

interface Range {
  readonly first: number
  readonly bits: number
}

/** Undefined for what is no range of IPv4. */
function readRange(text: string): Range | undefined {
  const [, address = '', bits = '32'] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(text) ?? []
  const bytes = addressBytes(address)
  if (bytes?.length !== 4 || Number(bits) > 32) return undefined
  return { first: bytes.reduce((sum, byte) => sum * 256 + byte, 0), bits: Number(bits) }
}

function overlap(a: Range, b: Range): boolean {
  const size = 2 ** (32 - Math.min(a.bits, b.bits))
  return Math.floor(a.first / size) === Math.floor(b.first / size)
}
