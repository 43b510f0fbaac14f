import { WireError } from '../wire-error.ts'
import {
  arrivalUnitUs,
  datagramKinds,
  delayUnitUs,
  frameCode,
  maxArrivals,
  maxDatagramBytes,
  maxMissing,
  maxRanges,
  type Frame,
  type NumberRange,
} from './frame.ts'
import { FieldReader } from './varint.ts'

export interface NumberedDatagram {
  readonly number: number
  /** One at least. Their data shares the memory of what was decoded. */
  readonly frames: readonly Frame[]
}

/** Throws WireError for everything else. All that it makes is bounded by the length of what came. */
export function decodeDatagram(bytes: Uint8Array): NumberedDatagram {
  if (bytes.length > maxDatagramBytes) {
    throw new WireError('too-long', `Cannot read a datagram: ${bytes.length} bytes, wanted at most ${maxDatagramBytes}`)
  }
  const fields = new FieldReader(bytes)
  const number = fields.varint()
  const frames: Frame[] = []
  while (fields.left > 0) frames.push(readFrame(fields))
  if (frames.length === 0) throw new WireError('too-short', 'Cannot read a datagram: there is nothing in it')
  return { number, frames }
}

function readFrame(fields: FieldReader): Frame {
  const code = fields.byte()
  switch (code) {
    case frameCode.padding:
      return { type: 'padding', bytes: 1 + fields.zeros() }
    case frameCode.ping:
      return { type: 'ping' }
    case frameCode.acknowledged:
      return readAcknowledged(fields)
    case frameCode.arrivals:
      return readArrivals(fields)
    case frameCode.reset:
      return { type: 'reset', stream: fields.varint(), code: fields.varint(), bytes: fields.varint() }
    case frameCode.stop:
      return { type: 'stop', stream: fields.varint(), code: fields.varint() }
    case frameCode.missing:
      return readMissing(fields)
    case frameCode.keyWanted:
      return { type: 'key-wanted' }
    case frameCode.stream:
    case frameCode.streamFin:
      return readStream(fields, code === frameCode.streamFin)
    case frameCode.maxData:
      return { type: 'max-data', bytes: fields.varint() }
    case frameCode.maxStreamData:
      return { type: 'max-stream-data', stream: fields.varint(), bytes: fields.varint() }
    case frameCode.maxStreams:
      return { type: 'max-streams', streams: fields.varint() }
    default:
      return readDatagram(fields, code)
  }
}

function readAcknowledged(fields: FieldReader): Frame {
  const largest = fields.varint()
  const delayUs = fields.varint() * delayUnitUs
  const more = fields.varint()
  if (more >= maxRanges) throw new WireError('too-long', 'Cannot read an acknowledgement: too many ranges')
  const ranges: NumberRange[] = [rangeDownFrom(largest, fields.varint())]
  let smallest = (ranges[0] as NumberRange).first
  for (let count = 0; count < more; count++) {
    const range = rangeDownFrom(smallest - fields.varint() - 2, fields.varint())
    ranges.push(range)
    smallest = range.first
  }
  return { type: 'acknowledged', ranges, delayUs }
}

function rangeDownFrom(last: number, less: number): NumberRange {
  const first = last - less
  if (first < 0) throw new WireError('malformed', 'Cannot read an acknowledgement: it goes below zero')
  return { first, last }
}

function readArrivals(fields: FieldReader): Frame {
  const first = fields.varint()
  const packets = fields.varint()
  let atUs = fields.varint()
  if (packets === 0 || packets > maxArrivals) throw new WireError('too-long', 'Cannot read arrivals: too many, or none')
  // Each takes a byte at least, so that memory is not taken for what is not there.
  if (packets > fields.left) throw new WireError('too-short', 'Cannot read arrivals: it ends before them')
  const arrivalsUs: number[] = []
  for (let count = 0; count < packets; count++) {
    const coded = fields.varint()
    if (coded === 0) {
      arrivalsUs.push(Number.NaN)
      continue
    }
    const zigzag = coded - 1
    atUs += (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2) * arrivalUnitUs
    if (!Number.isSafeInteger(atUs))
      throw new WireError('out-of-range', 'Cannot read arrivals: a time beyond all clocks')
    arrivalsUs.push(atUs)
  }
  return { type: 'arrivals', first, arrivalsUs }
}

function readMissing(fields: FieldReader): Frame {
  const ranges = fields.varint()
  if (ranges === 0 || ranges > maxMissing)
    throw new WireError('too-long', 'Cannot read a request: too much, or nothing')
  const numbers: number[] = []
  let largest = -2
  for (let count = 0; count < ranges; count++) {
    const first = largest + 2 + fields.varint()
    const last = first + fields.varint()
    if (numbers.length + last - first >= maxMissing) throw new WireError('too-long', 'Cannot read a request: too much')
    for (let number = first; number <= last; number++) numbers.push(number)
    largest = last
  }
  return { type: 'missing', numbers }
}

function readStream(fields: FieldReader, fin: boolean): Frame {
  const stream = fields.varint()
  const offset = fields.varint()
  const data = fields.data(fields.varint())
  if (!Number.isSafeInteger(offset + data.length)) {
    throw new WireError('out-of-range', 'Cannot read a stream: it would be longer than can be counted')
  }
  return { type: 'stream', stream, offset, data, fin }
}

function readDatagram(fields: FieldReader, code: number): Frame {
  const kind = datagramKinds[code - frameCode.datagram]
  if (kind === undefined) throw new WireError('unknown-type', 'Cannot read a datagram: a frame of no known kind')
  return { type: 'datagram', kind, data: fields.data(fields.varint()) }
}
