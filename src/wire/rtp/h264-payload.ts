import { WireError } from '../wire-error.ts'
import { nalUnits } from './annex-b.ts'
import { FramePieces } from './frame-pieces.ts'
import { allocatePackets, defaultMaxPayloadBytes, type RtpPacket } from './rtp-packet.ts'

/**
 * H.264 in RTP, packetization-mode 1 (RFC 6184). Three shapes of payload:
 *
 *     single NAL unit (5.6)   | F NRI type | the rest of the unit
 *     STAP-A (5.7.1)          | F NRI 24 | size (16) | unit | size (16) | unit ...
 *     FU-A (5.8)              | F NRI 28 | S E 0 type | a fragment of the unit without its first byte
 */
const stapA = 24
const fuA = 28
const fuStart = 0x80
const fuEnd = 0x40

const sei = 6
const sps = 7
const pps = 8
const accessUnitDelimiter = 9

/**
 * Payloads of one access unit in Annex B form, packetization-mode 1 (RFC 6184). All packets share one piece of memory;
 * the last one has the marker. An access unit delimiter is left out. Empty for bytes without a NAL unit.
 */
export function packetiseH264(accessUnit: Uint8Array, maxPayloadBytes = defaultMaxPayloadBytes): RtpPacket[] {
  if (!(maxPayloadBytes >= 3)) throw new RangeError(`Cannot packetise into ${maxPayloadBytes} bytes: wanted at least 3`)
  const parts = partsOf(accessUnit, maxPayloadBytes)
  const packets = allocatePackets(parts.map((part) => part.payloadBytes))
  for (const [index, part] of parts.entries()) writePart((packets[index] as RtpPacket).payload, part)
  return packets
}

/** What goes into one payload: whole units, or a piece of one. */
type Part =
  | { readonly kind: 'whole'; readonly units: readonly Uint8Array[]; readonly payloadBytes: number }
  | {
      readonly kind: 'fragment'
      readonly unit: Uint8Array
      readonly begin: number
      readonly end: number
      readonly payloadBytes: number
    }

function partsOf(accessUnit: Uint8Array, maxPayloadBytes: number): Part[] {
  const parts: Part[] = []
  let headers: Uint8Array[] = []
  const flushHeaders = () => {
    pushWhole(parts, headers)
    headers = []
  }
  for (const unit of nalUnits(accessUnit)) {
    if (typeOf(unit) === accessUnitDelimiter) continue
    if (!isHeader(unit) || wholeBytes([...headers, unit]) > maxPayloadBytes) flushHeaders()
    if (unit.length > maxPayloadBytes) pushFragments(parts, unit, maxPayloadBytes)
    else if (isHeader(unit)) headers.push(unit)
    else pushWhole(parts, [unit])
  }
  flushHeaders()
  return parts
}

/** Parameter sets and SEI are small and come together: they share a payload. */
function isHeader(unit: Uint8Array): boolean {
  const type = typeOf(unit)
  return type === sps || type === pps || type === sei
}

function pushWhole(parts: Part[], units: readonly Uint8Array[]): void {
  if (units.length > 0) parts.push({ kind: 'whole', units, payloadBytes: wholeBytes(units) })
}

/** A unit alone is its own payload; several are an aggregate. */
function wholeBytes(units: readonly Uint8Array[]): number {
  let bytes = 0
  for (const unit of units) bytes += unit.length
  return units.length === 1 ? bytes : 1 + 2 * units.length + bytes
}

/** Cuts a unit evenly, so that no packet is nearly empty and all take the same time on the path. */
function pushFragments(parts: Part[], unit: Uint8Array, maxPayloadBytes: number): void {
  const bodyBytes = unit.length - 1
  const count = Math.ceil(bodyBytes / (maxPayloadBytes - 2))
  for (let index = 0; index < count; index++) {
    const begin = 1 + Math.floor((bodyBytes * index) / count)
    const end = 1 + Math.floor((bodyBytes * (index + 1)) / count)
    parts.push({ kind: 'fragment', unit, begin, end, payloadBytes: 2 + end - begin })
  }
}

function writePart(payload: Uint8Array, part: Part): void {
  if (part.kind === 'fragment') {
    const flags = (part.begin === 1 ? fuStart : 0) | (part.end === part.unit.length ? fuEnd : 0)
    payload[0] = (headerOf(part.unit) & 0xe0) | fuA
    payload[1] = flags | typeOf(part.unit)
    payload.set(part.unit.subarray(part.begin, part.end), 2)
  } else if (part.units.length === 1) {
    payload.set(part.units[0] as Uint8Array)
  } else {
    writeAggregate(payload, part.units)
  }
}

/** Its F bit is the units' or, its NRI the greatest of theirs (5.7). */
function writeAggregate(payload: Uint8Array, units: readonly Uint8Array[]): void {
  let forbidden = 0
  let importance = 0
  let offset = 1
  for (const unit of units) {
    forbidden |= headerOf(unit) & 0x80
    importance = Math.max(importance, headerOf(unit) & 0x60)
    payload[offset] = unit.length >>> 8
    payload[offset + 1] = unit.length
    payload.set(unit, offset + 2)
    offset += 2 + unit.length
  }
  payload[0] = forbidden | importance | stapA
}

function headerOf(unit: Uint8Array): number {
  return unit[0] as number
}

function typeOf(unit: Uint8Array): number {
  return headerOf(unit) & 0x1f
}

const startCode: readonly number[] = [0, 0, 0, 1]

/** Puts the payloads of one access unit together again. */
export class H264Depacketiser {
  readonly #pieces = new FramePieces()
  #inFragment = false

  /** Takes the payloads in order of their sequence numbers. Throws WireError. */
  push(payload: Uint8Array): void {
    const type = payload.length > 0 ? typeOf(payload) : 0
    if (this.#inFragment && type !== fuA) throw fragmentMissing()
    if (type === fuA) this.#pushFragment(payload)
    else if (type === stapA) this.#pushAggregate(payload)
    else if (type >= 1 && type <= 23) this.#pushUnit(payload)
    else throw new WireError('unknown-type', `Cannot read H.264 payload: type ${type}, wanted 1 to 24 or 28`)
  }

  /** The access unit in Annex B form (4-byte start codes), and starts a new one. Throws WireError when a fragment is missing. */
  take(): Uint8Array {
    const incomplete = this.#inFragment
    const accessUnit = this.#pieces.take()
    this.#inFragment = false
    if (incomplete) throw fragmentMissing()
    return accessUnit
  }

  #pushUnit(unit: Uint8Array): void {
    this.#pieces.append(Uint8Array.from(startCode))
    this.#pieces.append(unit)
  }

  #pushAggregate(payload: Uint8Array): void {
    for (let offset = 1; offset < payload.length;) {
      const bytes = ((payload[offset] ?? 0) << 8) | (payload[offset + 1] ?? 0)
      const end = offset + 2 + bytes
      if (bytes === 0 || end > payload.length) {
        throw new WireError('malformed', `Cannot read STAP-A: ${bytes} bytes at ${offset} of ${payload.length}`)
      }
      this.#pushUnit(payload.subarray(offset + 2, end))
      offset = end
    }
  }

  #pushFragment(payload: Uint8Array): void {
    if (payload.length < 3) throw new WireError('too-short', `Cannot read FU-A: ${payload.length} bytes, wanted 3`)
    const flags = payload[1] as number
    const starts = (flags & fuStart) !== 0
    if (starts === this.#inFragment) throw fragmentMissing()
    if (starts) this.#pieces.append(Uint8Array.of(...startCode, (headerOf(payload) & 0xe0) | (flags & 0x1f)))
    this.#pieces.append(payload.subarray(2))
    this.#inFragment = (flags & fuEnd) === 0
  }
}

function fragmentMissing(): WireError {
  return new WireError('malformed', 'Cannot put NAL unit together: a fragment is missing')
}
