import { WireError } from '../wire-error.ts'
import {
  arrivalUnitUs,
  datagramKinds,
  delayUnitUs,
  frameCode,
  maxArrivals,
  maxMissing,
  maxRanges,
  type AcknowledgedFrame,
  type ArrivalsFrame,
  type DatagramKind,
  type Frame,
  type NumberRange,
  type StreamFrame,
} from './frame.ts'
import { FieldWriter, varintBytes } from './varint.ts'

/**
 * Writes one datagram, frame by frame, into memory that is used again for the next one: whatever takes it copies it, as sealing
 * does. Every method throws WireError for what does not fit or cannot be said.
 */
export class DatagramWriter {
  readonly #bytes: Uint8Array
  #fields: FieldWriter

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes)
    this.#fields = new FieldWriter(this.#bytes)
  }

  begin(number: number): void {
    this.#fields = new FieldWriter(this.#bytes)
    this.#fields.varint(number)
  }

  /** How much more fits. */
  get room(): number {
    return this.#bytes.length - this.#fields.at
  }

  /** What was written since `begin`; good until the next one. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#fields.at)
  }

  frame(frame: Frame): void {
    const fields = this.#fields
    switch (frame.type) {
      case 'padding':
        for (let count = 0; count < frame.bytes; count++) fields.byte(frameCode.padding)
        return
      case 'ping':
        return fields.byte(frameCode.ping)
      case 'acknowledged':
        return this.#acknowledged(frame)
      case 'arrivals':
        return this.#arrivals(frame)
      case 'reset':
        return this.#numbers(frameCode.reset, frame.stream, frame.code, frame.bytes)
      case 'stop':
        return this.#numbers(frameCode.stop, frame.stream, frame.code)
      case 'missing':
        return this.#missing(frame.numbers)
      case 'key-wanted':
        return fields.byte(frameCode.keyWanted)
      case 'stream':
        return this.#stream(frame)
      case 'max-data':
        return this.#numbers(frameCode.maxData, frame.bytes)
      case 'max-stream-data':
        return this.#numbers(frameCode.maxStreamData, frame.stream, frame.bytes)
      case 'max-streams':
        return this.#numbers(frameCode.maxStreams, frame.streams)
      case 'datagram':
        return this.datagram(frame.kind, frame.data)
    }
  }

  /** The same as a frame of it, and without making one. `more` goes behind `data`. */
  datagram(kind: DatagramKind, data: Uint8Array, more?: Uint8Array): void {
    const fields = this.#fields
    fields.byte(frameCode.datagram + datagramKinds.indexOf(kind))
    fields.varint(data.length + (more?.length ?? 0))
    fields.data(data)
    if (more) fields.data(more)
  }

  #numbers(code: number, ...numbers: readonly number[]): void {
    this.#fields.byte(code)
    for (const number of numbers) this.#fields.varint(number)
  }

  #acknowledged({ ranges, delayUs }: AcknowledgedFrame): void {
    const [newest, ...older] = ranges
    if (!newest || ranges.length > maxRanges) throw outOfRange('an acknowledgement', `of ${ranges.length} ranges`)
    this.#numbers(frameCode.acknowledged, newest.last, Math.floor(delayUs / delayUnitUs), older.length)
    this.#fields.varint(newest.last - newest.first)
    let smallest = newest.first
    for (const { first, last } of older) {
      this.#fields.varint(smallest - last - 2)
      this.#fields.varint(last - first)
      smallest = first
    }
  }

  #arrivals({ first, arrivalsUs }: ArrivalsFrame): void {
    const baseUs = arrivalsUs.find((arrivalUs) => !Number.isNaN(arrivalUs))
    if (baseUs === undefined || arrivalsUs.length > maxArrivals) {
      throw outOfRange('arrivals', `of ${arrivalsUs.length} packets`)
    }
    this.#numbers(frameCode.arrivals, first, arrivalsUs.length, Math.floor(baseUs))
    let atUs = Math.floor(baseUs)
    for (const arrivalUs of arrivalsUs) {
      if (Number.isNaN(arrivalUs)) {
        this.#fields.byte(0)
        continue
      }
      const units = Math.round((arrivalUs - atUs) / arrivalUnitUs)
      this.#fields.varint(1 + (units < 0 ? -2 * units - 1 : 2 * units))
      atUs += units * arrivalUnitUs
    }
  }

  #missing(numbers: readonly number[]): void {
    if (numbers.length === 0 || numbers.length > maxMissing)
      throw outOfRange('a request', `of ${numbers.length} packets`)
    const ranges = rangesOf(numbers)
    this.#numbers(frameCode.missing, ranges.length)
    let largest = -2
    for (const { first, last } of ranges) {
      this.#fields.varint(first - largest - 2)
      this.#fields.varint(last - first)
      largest = last
    }
  }

  #stream({ stream, offset, data, fin }: StreamFrame): void {
    this.#numbers(fin ? frameCode.streamFin : frameCode.stream, stream, offset, data.length)
    this.#fields.data(data)
  }
}

/** How much data of a stream fits into `room` bytes; 0 when not even the head does. */
export function streamDataRoom(room: number, stream: number, offset: number): number {
  const head = 1 + varintBytes(stream) + varintBytes(offset)
  const data = room - head - 1
  return Math.max(0, data < 0x40 ? data : data - 1)
}

/** The datagram that has these frames. */
export function encodeDatagram(number: number, frames: readonly Frame[], maxBytes: number): Uint8Array {
  const writer = new DatagramWriter(maxBytes)
  writer.begin(number)
  for (const frame of frames) writer.frame(frame)
  return writer.written
}

/** Numbers that grow, as ranges. Throws WireError `out-of-range` when they do not grow. */
function rangesOf(numbers: readonly number[]): NumberRange[] {
  const ranges: { first: number; last: number }[] = []
  for (const number of numbers) {
    const newest = ranges.at(-1)
    if (newest && number <= newest.last) throw outOfRange('a request', 'whose numbers do not grow')
    if (newest && number === newest.last + 1) newest.last = number
    else ranges.push({ first: number, last: number })
  }
  return ranges
}

function outOfRange(what: string, found: string): WireError {
  return new WireError('out-of-range', `Cannot write ${what} ${found}`)
}
