import { WireError } from '../wire-error.ts'

/** Labels of a domain name, the first one first; `['Living room', '_nvstream', '_tcp', 'local']`. */
export type DnsName = readonly string[]

const mostNameBytes = 255
const mostLabelBytes = 63
const pointerFlag = 0xc0
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * A name at `at`, and where it ends. A pointer leads to what stands before it and nowhere else, so that none goes in a circle. Throws
 * WireError `too-short`, `too-long` or `malformed`.
 */
export function readDnsName(bytes: Uint8Array, at: number): { readonly name: DnsName; readonly end: number } {
  const name: string[] = []
  let end: number | undefined
  let limit = at
  let length = 0
  for (let next = at; ;) {
    const first = byteAt(bytes, next)
    if (first === 0) return { name, end: end ?? next + 1 }
    if ((first & pointerFlag) === pointerFlag) {
      end ??= next + 2
      const target = ((first & ~pointerFlag) << 8) | byteAt(bytes, next + 1)
      if (target >= limit) throw new WireError('malformed', 'Cannot read a name that points ahead')
      limit = target
      next = target
      continue
    }
    if (first > mostLabelBytes) throw new WireError('malformed', 'Cannot read a label of an unknown kind')
    length += first + 1
    if (length >= mostNameBytes) throw new WireError('too-long', 'Cannot read a name of more than 255 bytes')
    byteAt(bytes, next + first)
    name.push(decoder.decode(bytes.subarray(next + 1, next + 1 + first)))
    next += first + 1
  }
}

/** Without compression. Throws WireError `out-of-range` for a label that is empty or longer than 63 bytes. */
export function encodeDnsName(name: DnsName): Uint8Array {
  const labels = name.map((label) => encoder.encode(label))
  if (labels.some(({ length }) => length === 0 || length > mostLabelBytes)) {
    throw new WireError('out-of-range', 'Cannot write a label that is empty or longer than 63 bytes')
  }
  const bytes = labels.flatMap((label) => [label.length, ...label])
  if (bytes.length >= mostNameBytes) throw new WireError('out-of-range', 'Cannot write a name of more than 255 bytes')
  return Uint8Array.from([...bytes, 0])
}

/** Names are the same whatever the case of their ASCII letters (RFC 1035, 2.3.3). */
export function isSameName(one: DnsName, other: DnsName): boolean {
  return one.length === other.length && one.every((label, index) => folded(label) === folded(other[index] ?? ''))
}

/** As people read it, and as a key of what belongs to it. */
export function nameKey(name: DnsName): string {
  return name.map((label) => folded(label).replaceAll(/[.\\]/g, String.raw`\$&`)).join('.')
}

function folded(label: string): string {
  return label.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new WireError('too-short', `Cannot read a name: the message ends at ${bytes.length}`)
  return byte
}
