import { WireError } from '../wire-error.ts'
import { encodeDnsName, readDnsName, type DnsName } from './dns-name.ts'

/** What a record tells. */
export type DnsData =
  | { readonly type: 'PTR'; readonly target: DnsName }
  | { readonly type: 'SRV'; readonly target: DnsName; readonly port: number }
  /** `key=value` each. */
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  /** Of IPv4, with dots. */
  | { readonly type: 'A'; readonly address: string }

export type DnsRecord = DnsData & {
  readonly name: DnsName
  /** 0 takes it back. */
  readonly ttlS: number
  /** It is the only one of its name and type: those known before count no more. */
  readonly flush: boolean
}

export interface DnsQuestion {
  readonly name: DnsName
  readonly type: DnsData['type'] | 'ANY' | 'other'
}

export interface DnsMessage {
  readonly id: number
  readonly isResponse: boolean
  readonly questions: readonly DnsQuestion[]
  readonly answers: readonly DnsRecord[]
  /** In a question: what the asker wants to say itself. */
  readonly authorities: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
}

/**
 * Messages of multicast DNS (RFC 6762) as finding services by DNS (RFC 6763) needs them; numbers are big endian:
 *
 *     | id (16) | response, opcode, flags (16) | questions (16) | answers (16) | authorities (16) | additionals (16) |
 *     question: | name | type (16) | unicast wanted (1) class (15) |
 *     record:   | name | type (16) | flush (1) class (15) | seconds (32) | length (16) | data |
 */
const headBytes = 12
const mostBytes = 9000
/** Of questions and records together: some hundred are a network full of printers. */
const mostEntries = 512
const internet = 1
const topBit = 0x8000
const responseFlags = 0x8400
const types = { A: 1, PTR: 12, TXT: 16, SRV: 33 } as const
const anyType = 255
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Throws WireError for what is none. Records of other types are left out. */
export function decodeDnsMessage(bytes: Uint8Array): DnsMessage {
  if (bytes.length > mostBytes) throw new WireError('too-long', `Cannot read a message of ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  want(bytes, headBytes)
  const flags = view.getUint16(2)
  if ((flags & 0x780f) !== 0)
    throw new WireError('unknown-type', 'Cannot read a message that is no plain question or answer')
  const counts = [4, 6, 8, 10].map((at) => view.getUint16(at))
  if (counts.reduce((sum, count) => sum + count, 0) > mostEntries) {
    throw new WireError('too-long', 'Cannot read a message of more than 512 questions and records')
  }
  let at = headBytes
  const questions: DnsQuestion[] = []
  for (let index = 0; index < (counts[0] ?? 0); index++) {
    const { name, end } = readDnsName(bytes, at)
    want(bytes, end + 4)
    if ((view.getUint16(end + 2) & ~topBit) === internet)
      questions.push({ name, type: questionType(view.getUint16(end)) })
    at = end + 4
  }
  const sections = counts.slice(1).map((count) => {
    const records: DnsRecord[] = []
    for (let index = 0; index < count; index++) {
      const { record, end } = readRecord(bytes, view, at)
      if (record !== undefined) records.push(record)
      at = end
    }
    return records
  })
  const [answers = [], authorities = [], additionals = []] = sections
  return { id: view.getUint16(0), isResponse: (flags & topBit) !== 0, questions, answers, authorities, additionals }
}

/** Without compression: what one service says is within 500 bytes. Throws WireError `out-of-range`. */
export function encodeDnsMessage(message: DnsMessage): Uint8Array {
  const { id, isResponse, questions, answers, authorities, additionals } = message
  const sections = [answers, authorities, additionals]
  const head = new Uint8Array(headBytes)
  const view = new DataView(head.buffer)
  view.setUint16(0, id)
  view.setUint16(2, isResponse ? responseFlags : 0)
  for (const [index, { length }] of [questions, ...sections].entries()) view.setUint16(4 + 2 * index, length)
  return joined([
    head,
    ...questions.flatMap(({ name, type }) => [encodeDnsName(name), words(questionNumber(type), internet)]),
    ...sections.flat().flatMap((record) => {
      const data = encodeDnsData(record)
      const { name, type, flush, ttlS } = record
      const fields = words(types[type], internet | (flush ? topBit : 0), ttlS >>> 16, ttlS & 0xffff, data.length)
      return [encodeDnsName(name), fields, data]
    }),
  ])
}

/** What a record tells, as its bytes: by these two hosts that want one name at once are told apart. */
export function encodeDnsData(record: DnsData): Uint8Array {
  switch (record.type) {
    case 'PTR':
      return encodeDnsName(record.target)
    case 'SRV':
      return joined([words(0, 0, record.port), encodeDnsName(record.target)])
    case 'TXT':
      return joined((record.texts.length > 0 ? record.texts : ['']).map(textBytes))
    case 'A':
      return Uint8Array.from(record.address.split('.'), Number)
  }
}

function readRecord(bytes: Uint8Array, view: DataView, at: number): { record: DnsRecord | undefined; end: number } {
  const { name, end: fields } = readDnsName(bytes, at)
  want(bytes, fields + 10)
  const cls = view.getUint16(fields + 2)
  const begin = fields + 10
  const end = begin + view.getUint16(fields + 8)
  want(bytes, end)
  const data = (cls & ~topBit) === internet ? readData(view.getUint16(fields), bytes, view, begin, end) : undefined
  const ttlS = view.getUint32(fields + 4)
  return { record: data && { ...data, name, ttlS, flush: (cls & topBit) !== 0 }, end }
}

function readData(type: number, bytes: Uint8Array, view: DataView, begin: number, end: number): DnsData | undefined {
  switch (type) {
    case types.PTR:
      return { type: 'PTR', target: nameWithin(bytes, begin, end) }
    case types.SRV:
      if (end - begin < 7) throw new WireError('too-short', 'Cannot read where a service is')
      return { type: 'SRV', port: view.getUint16(begin + 4), target: nameWithin(bytes, begin + 6, end) }
    case types.TXT:
      return { type: 'TXT', texts: readTexts(bytes, begin, end) }
    case types.A:
      if (end - begin !== 4) throw new WireError('malformed', 'Cannot read an address that has not four bytes')
      return { type: 'A', address: bytes.subarray(begin, end).join('.') }
    default:
      return undefined
  }
}

function nameWithin(bytes: Uint8Array, begin: number, end: number): DnsName {
  const { name, end: nameEnd } = readDnsName(bytes, begin)
  if (nameEnd !== end) throw new WireError('malformed', 'Cannot read a name that does not fill its record')
  return name
}

function readTexts(bytes: Uint8Array, begin: number, end: number): string[] {
  const texts: string[] = []
  for (let at = begin; at < end;) {
    const next = at + 1 + (bytes[at] as number)
    if (next > end) throw new WireError('too-short', 'Cannot read a text that is longer than its record')
    if (next > at + 1) texts.push(decoder.decode(bytes.subarray(at + 1, next)))
    at = next
  }
  return texts
}

function textBytes(text: string): Uint8Array {
  const bytes = encoder.encode(text)
  if (bytes.length > 255) throw new WireError('out-of-range', 'Cannot write a text of more than 255 bytes')
  return Uint8Array.from([bytes.length, ...bytes])
}

function questionType(number: number): DnsQuestion['type'] {
  if (number === anyType) return 'ANY'
  return (Object.keys(types) as DnsData['type'][]).find((type) => types[type] === number) ?? 'other'
}

function questionNumber(type: DnsQuestion['type']): number {
  return type === 'ANY' || type === 'other' ? anyType : types[type]
}

function words(...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [(number >>> 8) & 0xff, number & 0xff]))
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function want(bytes: Uint8Array, end: number): void {
  if (bytes.length < end)
    throw new WireError('too-short', `Cannot read a message of ${bytes.length} bytes: wanted ${end}`)
}
