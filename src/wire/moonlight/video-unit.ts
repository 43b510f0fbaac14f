import { nalUnits } from '../rtp/annex-b.ts'
import { cauchyBehind } from '../fec/coefficients.ts'
import { addMultiple, productsOf, type ParityCoder } from '../fec/parity-coder.ts'
import { WireError } from '../wire-error.ts'

/**
 * One picture as datagrams of GameStream, the parity among them. With `P` for the packet size that a client asks for:
 *
 *     0          12        16          20          24                                32
 *     +----------+---------+-----------+-----------+-------+-------+----+-----+------+---------------
 *     | RTP head | 4 zeros | index <<8 | picture   | flags | extra | 10 | blk | info | P - 16 bytes
 *     +----------+---------+-----------+-----------+-------+-------+----+-----+------+---------------
 *     |<------- written for each viewer ---------->|<------- shared by all viewers ---------- - -
 *
 * All of a picture, one after the other: a head of 8 bytes and its NAL units, cut in pieces of P - 16 bytes. Pieces make up to four
 * blocks with parity of their own. Numbers are little endian but for those of RTP.
 */
export interface VideoUnit {
  readonly blocks: readonly VideoBlock[]
  /** Of data and parity. */
  readonly packets: number
  /** Of data alone: so far a viewer's count of them goes on. */
  readonly dataPackets: number
}

export interface VideoBlock {
  readonly data: number
  readonly parity: number
  /** From byte 24 on, data first, then parity. */
  readonly shared: readonly Uint8Array[]
}

export interface VideoUnitOptions {
  /** The packet size of the client's SDP, a multiple of 16. */
  readonly packetBytes: number
  readonly isKey: boolean
  /** Parity for 100 packets of data; 0 for none. */
  readonly parityPercent: number
  /** A block with parity has at least so much of it. */
  readonly leastParity: number
  /** From capture until now, in tenths of a millisecond; 0 when unknown. */
  readonly latencyTenths: number
}

/** Written for each viewer. */
export const videoHeadBytes = 24
const sharedHeadBytes = 8
const frameHeadBytes = 8
const mostBlocks = 4
const mostDataWithoutParity = 1023

const pictureData = 1
const endOfBlock = 2
const startOfBlock = 4

/** Throws WireError `malformed` for no NAL unit, `too-long` for a picture of more packets than blocks can have. */
export function videoUnit(accessUnit: Uint8Array, options: VideoUnitOptions, coder: ParityCoder): VideoUnit {
  const pieceBytes = options.packetBytes - 16
  const frame = frameOf(accessUnit, pieceBytes, options)
  const total = Math.ceil(frame.length / pieceBytes)
  const plan = planBlocks(total, options)
  const blocks: VideoBlock[] = []
  let first = 0
  for (const [index, { data, parity, percent }] of plan.entries()) {
    const bytes = frame.subarray(first * pieceBytes, (first + data) * pieceBytes)
    blocks.push(blockOf(bytes, { data, parity, percent, index, blocks: plan.length, pieceBytes }, coder))
    first += data
  }
  const packets = blocks.reduce((sum, { data, parity }) => sum + data + parity, 0)
  return { blocks, packets, dataPackets: total }
}

/**
 * A client takes a key picture for one only when its first NAL unit is a sequence parameter set, and all parameters are in the
 * first packet with the beginning of the first slice: delimiters and supplements, which an encoder puts before, are left out.
 */
function frameOf(accessUnit: Uint8Array, pieceBytes: number, { isKey, latencyTenths }: VideoUnitOptions): Uint8Array {
  const units = nalUnits(accessUnit).filter((unit) => {
    const type = (unit[0] as number) & 0x1f
    return type !== supplement && type !== delimiter && type !== filler
  })
  if (units.length === 0) throw new WireError('malformed', 'Cannot packetise a picture without a NAL unit')
  const bytes = units.reduce((sum, unit) => sum + 4 + unit.length, frameHeadBytes)
  const frame = new Uint8Array(bytes)
  const view = new DataView(frame.buffer)
  view.setUint8(0, 0x01)
  view.setUint16(1, Math.min(0xffff, latencyTenths), true)
  view.setUint8(3, isKey ? 2 : 1)
  view.setUint16(4, bytes % pieceBytes || pieceBytes, true)
  let at = frameHeadBytes
  for (const unit of units) {
    frame[at + 3] = 1
    frame.set(unit, at + 4)
    at += 4 + unit.length
  }
  return frame
}

const supplement = 6
const delimiter = 9
const filler = 12

interface BlockPlan {
  readonly data: number
  readonly parity: number
  readonly percent: number
}

/** As even as whole packets allow. */
function planBlocks(total: number, { parityPercent, leastParity }: VideoUnitOptions): BlockPlan[] {
  const most = Math.floor(25_500 / (100 + parityPercent))
  const hasParity = parityPercent > 0 && total <= mostBlocks * most
  const blocks = Math.ceil(total / (hasParity ? most : mostDataWithoutParity))
  if (blocks > mostBlocks) throw new WireError('too-long', `Cannot packetise a picture of ${total} packets`)
  const each = Math.ceil(total / blocks)
  return Array.from({ length: blocks }, (_, index) => {
    const data = Math.min(each, total - index * each)
    return hasParity ? withParity(data, parityPercent, leastParity) : { data, parity: 0, percent: 0 }
  }).filter(({ data }) => data > 0)
}

/** The client computes the parity from the percentage, rounding up. */
function withParity(data: number, percent: number, least: number): BlockPlan {
  const parity = Math.ceil((data * percent) / 100)
  if (parity >= least) return { data, parity, percent }
  return { data, parity: least, percent: Math.floor((100 * least) / data) }
}

interface Block extends BlockPlan {
  readonly index: number
  readonly blocks: number
  readonly pieceBytes: number
}

function blockOf(bytes: Uint8Array, block: Block, coder: ParityCoder): VideoBlock {
  const { data, parity, pieceBytes } = block
  const stride = sharedHeadBytes + pieceBytes
  const memory = new Uint8Array((data + parity) * stride)
  const view = new DataView(memory.buffer)
  for (let piece = 0; piece < data; piece++) {
    const at = piece * stride
    memory[at] = pictureData | (piece === 0 ? startOfBlock : 0) | (piece === data - 1 ? endOfBlock : 0)
    writeBlockNumber(memory, at, block)
    memory.set(bytes.subarray(piece * pieceBytes, (piece + 1) * pieceBytes), at + sharedHeadBytes)
  }
  if (parity > 0) {
    coder.encode({
      data: memory.subarray(0, data * stride),
      parity: memory.subarray(data * stride),
      pieceBytes: stride,
      coefficients: cauchyBehind(parity),
    })
  }
  for (let shard = 0; shard < data + parity; shard++) {
    const at = shard * stride
    // The flags in parity are parity: a client restores from them those that were lost. What tells of the block is said plainly.
    writeBlockNumber(memory, at, block)
    view.setUint32(at + 4, ((data << 22) | (shard << 12) | (block.percent << 4)) >>> 0, true)
  }
  const shared = Array.from({ length: data + parity }, (_, shard) =>
    memory.subarray(shard * stride, (shard + 1) * stride),
  )
  return { data, parity, shared }
}

function writeBlockNumber(memory: Uint8Array, at: number, { index, blocks }: Block): void {
  memory[at + 2] = 0x10
  memory[at + 3] = (index << 4) | ((blocks - 1) << 6)
}

/** What a viewer counts for itself, from picture to picture. */
export interface VideoCounts {
  /** The RTP sequence number of the next datagram; begins below 32,768. */
  sequence: number
  /** Of the next packet of data, 24 bits; begins below 2^23. */
  index: number
  /** The number of the next picture; the first is 1. */
  picture: number
}

/**
 * Writes the first 24 bytes of each datagram of a block, in order, over `heads`, and counts on. The parity of the packet numbers is
 * made anew, since each viewer has its own; all other parity is shared.
 */
export function writeVideoHeads(block: VideoBlock, heads: Uint8Array, counts: VideoCounts, timestamp: number): void {
  const shards = block.data + block.parity
  const view = new DataView(heads.buffer, heads.byteOffset, heads.byteLength)
  heads.fill(0, 0, shards * videoHeadBytes)
  for (let shard = 0; shard < shards; shard++) {
    const at = shard * videoHeadBytes
    view.setUint8(at, 0x90)
    view.setUint16(at + 2, (counts.sequence + shard) & 0xffff)
    view.setUint32(at + 4, timestamp >>> 0)
    view.setUint32(at + 20, counts.picture >>> 0, true)
    if (shard < block.data) view.setUint32(at + 16, ((counts.index + shard) << 8) >>> 0, true)
  }
  if (block.parity > 0) writeIndexParity(block, heads)
  counts.sequence = (counts.sequence + shards) & 0xffff
  counts.index = (counts.index + block.data) & 0xff_ffff
}

function writeIndexParity({ data, parity }: VideoBlock, heads: Uint8Array): void {
  const coefficients = cauchyBehind(parity)
  for (let row = 0; row < parity; row++) {
    const to = (data + row) * videoHeadBytes + 16
    for (let piece = 0; piece < data; piece++) {
      addMultiple(heads, to, heads, piece * videoHeadBytes + 16, 4, productsOf(coefficients(row, piece)))
    }
  }
}
