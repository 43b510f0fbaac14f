import { sequenceDistance } from '../sequence-number.ts'
import { WireError } from '../wire-error.ts'
import { rtcpFrameOf, wantBody, type RtcpFrame } from './rtcp-frame.ts'

/**
 * Feedback on one stream (RFC 4585, section 6.1): SSRC of who says it, SSRC of the stream, and then, by kind,
 *
 *     generic NACK (RFC 4585, 6.2.1)   | sequence (16) | the 16 after it, bit 0 the next (16) | ...
 *     PLI (RFC 4585, 6.3.1)            nothing
 *     FIR (RFC 5104, 4.3.1)            | SSRC | sequence (8) | 0 (24) | ...
 *     REMB (draft-alvestrand-rmcat-remb-03)  | 'REMB' | count (8) | exponent (6) | mantissa (18) | SSRC ...
 */
export const transportFeedbackType = 205
export const payloadFeedbackType = 206
export const nackFormat = 1
export const pictureLossFormat = 1
export const fullIntraRequestFormat = 4
export const applicationLayerFormat = 15

const commonBytes = 8
const rembName = 0x52_45_4d_42

/** More missing packets in one NACK are refused; Chromium's own limit is 1,000. */
export const maxNackSequences = 1024

/** Generic NACK (RFC 4585, section 6.2.1), expanded. */
export interface Nack {
  readonly type: 'nack'
  readonly senderSsrc: number
  readonly mediaSsrc: number
  /** Sequence numbers that are missing, in the order given; at most {@link maxNackSequences}. */
  readonly sequences: readonly number[]
}

/** Picture loss indication (RFC 4585, section 6.3.1). */
export interface PictureLoss {
  readonly type: 'picture-loss'
  readonly senderSsrc: number
  readonly mediaSsrc: number
}

/** Full intra request (RFC 5104, section 4.3.1). */
export interface FullIntraRequest {
  readonly type: 'full-intra-request'
  readonly senderSsrc: number
  readonly entries: readonly { readonly ssrc: number; readonly sequence: number }[]
}

/** Receiver's estimate of the path (draft-alvestrand-rmcat-remb-03). */
export interface MaximumBitrate {
  readonly type: 'maximum-bitrate'
  readonly senderSsrc: number
  readonly bitrateBps: number
  readonly ssrcs: readonly number[]
}

export function readNack({ body }: RtcpFrame): Nack {
  wantBody(body, commonBytes + 4, 'NACK')
  wantWholeBlocks(body, commonBytes, 4, 'NACK')
  const sequences: number[] = []
  for (let at = commonBytes; at < body.byteLength; at += 4) {
    const first = body.getUint16(at)
    sequences.push(first)
    for (let bits = body.getUint16(at + 2), sequence = first + 1; bits !== 0; bits >>>= 1, sequence++) {
      if (bits & 1) sequences.push(sequence & 0xffff)
    }
    if (sequences.length > maxNackSequences) {
      throw new WireError('too-long', `Cannot read NACK: more than ${maxNackSequences} packets are missing`)
    }
  }
  return { type: 'nack', senderSsrc: body.getUint32(0), mediaSsrc: body.getUint32(4), sequences }
}

/** Throws WireError `out-of-range` for an empty or too long list. */
export function writeNack(nack: Nack): Uint8Array {
  const count = nack.sequences.length
  if (count === 0 || count > maxNackSequences) {
    throw new WireError('out-of-range', `Cannot write NACK of ${count} packets: wanted 1 to ${maxNackSequences}`)
  }
  const blocks: { first: number; bits: number }[] = []
  for (const sequence of nack.sequences) {
    const block = blocks.at(-1)
    const distance = block ? sequenceDistance(block.first, sequence) : 0
    if (block && distance >= 1 && distance <= 16) block.bits |= 1 << (distance - 1)
    else blocks.push({ first: sequence, bits: 0 })
  }
  const bodyBytes = commonBytes + 4 * blocks.length
  return rtcpFrameOf({ packetType: transportFeedbackType, count: nackFormat, bodyBytes }, (body) => {
    body.setUint32(0, nack.senderSsrc)
    body.setUint32(4, nack.mediaSsrc)
    for (const [index, block] of blocks.entries()) {
      body.setUint16(commonBytes + 4 * index, block.first)
      body.setUint16(commonBytes + 4 * index + 2, block.bits)
    }
  })
}

export function readPictureLoss({ body }: RtcpFrame): PictureLoss {
  wantBody(body, commonBytes, 'PLI')
  return { type: 'picture-loss', senderSsrc: body.getUint32(0), mediaSsrc: body.getUint32(4) }
}

export function writePictureLoss(loss: PictureLoss): Uint8Array {
  const header = { packetType: payloadFeedbackType, count: pictureLossFormat, bodyBytes: commonBytes }
  return rtcpFrameOf(header, (body) => {
    body.setUint32(0, loss.senderSsrc)
    body.setUint32(4, loss.mediaSsrc)
  })
}

export function readFullIntraRequest({ body }: RtcpFrame): FullIntraRequest {
  wantBody(body, commonBytes + 8, 'FIR')
  wantWholeBlocks(body, commonBytes, 8, 'FIR')
  const entries = Array.from({ length: (body.byteLength - commonBytes) / 8 }, (_, index) => ({
    ssrc: body.getUint32(commonBytes + 8 * index),
    sequence: body.getUint8(commonBytes + 8 * index + 4),
  }))
  return { type: 'full-intra-request', senderSsrc: body.getUint32(0), entries }
}

export function writeFullIntraRequest(request: FullIntraRequest): Uint8Array {
  const bodyBytes = commonBytes + 8 * request.entries.length
  return rtcpFrameOf({ packetType: payloadFeedbackType, count: fullIntraRequestFormat, bodyBytes }, (body) => {
    body.setUint32(0, request.senderSsrc)
    for (const [index, entry] of request.entries.entries()) {
      body.setUint32(commonBytes + 8 * index, entry.ssrc)
      body.setUint8(commonBytes + 8 * index + 4, entry.sequence)
    }
  })
}

/** Undefined for application-layer feedback that is not REMB. */
export function readMaximumBitrate({ body }: RtcpFrame): MaximumBitrate | undefined {
  if (body.byteLength < commonBytes + 4 || body.getUint32(commonBytes) !== rembName) return undefined
  wantBody(body, commonBytes + 8, 'REMB')
  const count = body.getUint8(commonBytes + 4)
  wantBody(body, commonBytes + 8 + 4 * count, 'REMB')
  const exponent = body.getUint8(commonBytes + 5) >>> 2
  const mantissa = body.getUint32(commonBytes + 4) & 0x3_ffff
  return {
    type: 'maximum-bitrate',
    senderSsrc: body.getUint32(0),
    bitrateBps: mantissa * 2 ** exponent,
    ssrcs: Array.from({ length: count }, (_, index) => body.getUint32(commonBytes + 8 + 4 * index)),
  }
}

/** The bitrate is rounded down to the 18 bits of its mantissa. Throws WireError `out-of-range`. */
export function writeMaximumBitrate(remb: MaximumBitrate): Uint8Array {
  const count = remb.ssrcs.length
  const exponent = Math.max(0, Math.floor(Math.log2(Math.max(1, remb.bitrateBps))) - 17)
  if (count > 255 || !(remb.bitrateBps >= 0 && exponent < 64)) {
    throw new WireError('out-of-range', `Cannot write REMB of ${remb.bitrateBps} bit/s for ${count} streams`)
  }
  const mantissa = Math.floor(remb.bitrateBps / 2 ** exponent)
  const bodyBytes = commonBytes + 8 + 4 * count
  return rtcpFrameOf({ packetType: payloadFeedbackType, count: applicationLayerFormat, bodyBytes }, (body) => {
    body.setUint32(0, remb.senderSsrc)
    body.setUint32(commonBytes, rembName)
    body.setUint32(commonBytes + 4, (count << 24) | (exponent << 18) | mantissa)
    for (const [index, ssrc] of remb.ssrcs.entries()) body.setUint32(commonBytes + 8 + 4 * index, ssrc)
  })
}

function wantWholeBlocks(body: DataView, start: number, blockBytes: number, name: string): void {
  const over = (body.byteLength - start) % blockBytes
  if (over !== 0) throw new WireError('malformed', `Cannot read ${name}: ${over} bytes behind its last block`)
}
