import { WireError } from '../wire-error.ts'
import { transportFeedbackType } from './rtcp-feedback.ts'
import { rtcpFrameOf, wantBody, type RtcpFrame } from './rtcp-frame.ts'

/**
 * Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
 *
 *     | SSRC of who says it | SSRC of any stream |
 *     | base sequence (16) | packet count (16) | reference time in 64 ms (24) | feedback count (8) |
 *     | chunk (16) ... | delta in 250 µs ... | 0 up to a whole word |
 *
 *     run length chunk      | 0 | symbol (2) | length (13) |
 *     status vector chunk   | 1 | 0 | 14 symbols of 1 bit |   or   | 1 | 1 | 7 symbols of 2 bits |
 *
 * Symbol 0 is a packet not received, 1 one with a delta of 8 bits, 2 one with a signed delta of 16 bits.
 */
export const transportFeedbackFormat = 15

const fixedBytes = 16
const tickUs = 250
const referenceTickUs = 64_000
const missing = 0
const smallDelta = 1
const largeDelta = 2
const maxRunLength = 0x1fff

/** The header extension's address for `a=extmap` and `a=rtcp-fb:... transport-cc`. */
export const transportSequenceUri = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'

/** More packets in one feedback are refused. */
export const maxFeedbackPackets = 8192

/** `referenceTimeUs` wraps here. */
export const referenceTimePeriodUs = 2 ** 24 * referenceTickUs

/** Stands in {@link TransportFeedback.deltasUs} for a packet that has not arrived. */
export const notReceived = -0x8000_0000

/**
 * When each packet of all streams of a connection arrived, by the sequence number in the header extension.
 */
export interface TransportFeedback {
  readonly type: 'transport-feedback'
  readonly senderSsrc: number
  readonly mediaSsrc: number
  /** Counts the feedback packets, modulo 256. */
  readonly feedbackCount: number
  /** Transport-wide sequence number of the first packet reported. */
  readonly baseSequence: number
  /** The receiver's clock that the first delta counts from, in microseconds: a multiple of 64 ms, wraps at 2^24 of them. */
  readonly referenceTimeUs: number
  /**
   * One number for each packet from `baseSequence` on: how long after the received packet before it (the first: after
   * `referenceTimeUs`) it arrived, in microseconds, a multiple of 250; or {@link notReceived}.
   */
  readonly deltasUs: Int32Array
}

export function readTransportFeedback({ body }: RtcpFrame): TransportFeedback {
  wantBody(body, fixedBytes, 'transport feedback')
  const packetCount = body.getUint16(10)
  if (packetCount === 0 || packetCount > maxFeedbackPackets) {
    throw new WireError(
      packetCount === 0 ? 'malformed' : 'too-long',
      `Cannot read transport feedback: ${packetCount} packets, wanted 1 to ${maxFeedbackPackets}`,
    )
  }
  const symbols = new Uint8Array(packetCount)
  const deltasAt = readSymbols(body, symbols)
  return {
    type: 'transport-feedback',
    senderSsrc: body.getUint32(0),
    mediaSsrc: body.getUint32(4),
    baseSequence: body.getUint16(8),
    referenceTimeUs: (body.getUint32(12) >>> 8) * referenceTickUs,
    feedbackCount: body.getUint8(15),
    deltasUs: readDeltas(body, deltasAt, symbols),
  }
}

/** Fills `symbols` from the chunks and returns where the deltas begin. */
function readSymbols(body: DataView, symbols: Uint8Array): number {
  let at = fixedBytes
  for (let next = 0; next < symbols.length; at += 2) {
    wantBody(body, at + 2, 'transport feedback')
    const chunk = body.getUint16(at)
    if (chunk & 0x8000) {
      const bits = chunk & 0x4000 ? 2 : 1
      for (let shift = 14 - bits; shift >= 0 && next < symbols.length; shift -= bits) {
        symbols[next++] = (chunk >>> shift) & (bits === 2 ? 3 : 1)
      }
    } else {
      const end = Math.min(symbols.length, next + (chunk & maxRunLength))
      symbols.fill((chunk >>> 13) & 3, next, end)
      next = end
    }
  }
  return at
}

function readDeltas(body: DataView, start: number, symbols: Uint8Array): Int32Array {
  const deltasUs = new Int32Array(symbols.length)
  let at = start
  for (const [index, symbol] of symbols.entries()) {
    if (symbol === missing) {
      deltasUs[index] = notReceived
    } else if (symbol === smallDelta) {
      wantBody(body, at + 1, 'transport feedback')
      deltasUs[index] = body.getUint8(at) * tickUs
      at += 1
    } else if (symbol === largeDelta) {
      wantBody(body, at + 2, 'transport feedback')
      deltasUs[index] = body.getInt16(at) * tickUs
      at += 2
    } else {
      throw new WireError('malformed', 'Cannot read transport feedback: a packet with the reserved status')
    }
  }
  if (body.byteLength - at > 3) {
    throw new WireError('malformed', `Cannot read transport feedback: ${body.byteLength - at} bytes behind its deltas`)
  }
  return deltasUs
}

/** Throws WireError `out-of-range` when a delta does not fit into 16 bits of 250 µs, or for no or too many packets. */
export function writeTransportFeedback(feedback: TransportFeedback): Uint8Array {
  const packetCount = feedback.deltasUs.length
  if (packetCount === 0 || packetCount > maxFeedbackPackets) {
    throw new WireError('out-of-range', `Cannot write transport feedback: ${packetCount} packets`)
  }
  const symbols = Uint8Array.from(feedback.deltasUs, symbolOf)
  const chunks = chunksOf(symbols)
  const deltaBytes = symbols.reduce((sum, symbol) => sum + symbol, 0)
  const bodyBytes = fixedBytes + 2 * chunks.length + deltaBytes
  return rtcpFrameOf({ packetType: transportFeedbackType, count: transportFeedbackFormat, bodyBytes }, (body) => {
    body.setUint32(0, feedback.senderSsrc)
    body.setUint32(4, feedback.mediaSsrc)
    body.setUint16(8, feedback.baseSequence)
    body.setUint16(10, packetCount)
    body.setUint32(12, Math.floor(feedback.referenceTimeUs / referenceTickUs) << 8)
    body.setUint8(15, feedback.feedbackCount)
    for (const [index, chunk] of chunks.entries()) body.setUint16(fixedBytes + 2 * index, chunk)
    let at = fixedBytes + 2 * chunks.length
    for (const [index, symbol] of symbols.entries()) {
      const ticks = Math.round((feedback.deltasUs[index] as number) / tickUs)
      if (symbol === smallDelta) body.setUint8(at, ticks)
      if (symbol === largeDelta) body.setInt16(at, ticks)
      at += symbol
    }
  })
}

function symbolOf(deltaUs: number): number {
  if (deltaUs === notReceived) return missing
  const ticks = Math.round(deltaUs / tickUs)
  if (ticks >= 0 && ticks <= 0xff) return smallDelta
  if (ticks >= -0x8000 && ticks <= 0x7fff) return largeDelta
  throw new WireError('out-of-range', `Cannot write transport feedback: a delta of ${deltaUs} µs`)
}

/** Long runs as such, what lies between in vectors of 1 bit, or of 2 where a large delta is near. */
function chunksOf(symbols: Uint8Array): number[] {
  const chunks: number[] = []
  for (let at = 0; at < symbols.length;) {
    const symbol = symbols[at] as number
    let run = 1
    while (run < maxRunLength && symbols[at + run] === symbol) run++
    const nearby = symbols.subarray(at, at + 14)
    const bits = nearby.includes(largeDelta) ? 2 : 1
    if (run >= 14 / bits || at + run === symbols.length) {
      chunks.push((symbol << 13) | run)
      at += run
    } else {
      const count = 14 / bits
      let chunk = bits === 2 ? 0xc000 : 0x8000
      for (let index = 0; index < count; index++) chunk |= (symbols[at + index] ?? 0) << (14 - bits * (index + 1))
      chunks.push(chunk)
      at += count
    }
  }
  return chunks
}
