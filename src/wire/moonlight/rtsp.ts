import { WireError } from '../wire-error.ts'

/**
 * The RTSP of GameStream (after RFC 2326): a message for each TCP connection, which the host closes after its answer. Header names
 * are matched by letter case, and a value follows exactly one space.
 */
export interface RtspRequest {
  readonly method: string
  readonly target: string
  /** Undefined where there is none; it is answered without. */
  readonly cseq: number | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface RtspAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly body?: string
}

/** Of a whole request: clients' own stay below 4 kB. */
export const mostRtspBytes = 16_384
const mostHeaders = 32
const endOfHeaders = '\r\n\r\n'

/**
 * The request that these bytes are, or undefined when they are the beginning of one. Throws WireError: `too-long`, `malformed`.
 */
export function decodeRtspRequest(bytes: Uint8Array): RtspRequest | undefined {
  if (bytes.length > mostRtspBytes)
    throw new WireError('too-long', `Cannot read a request of more than ${mostRtspBytes} bytes`)
  const text = new TextDecoder('latin1').decode(bytes)
  const end = text.indexOf(endOfHeaders)
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const parts = /^([A-Z_]{1,20}) (\S{1,300}) RTSP\/1\.0$/.exec(first)
  if (parts === null || lines.length > mostHeaders)
    throw new WireError('malformed', 'Cannot read a request: it is no RTSP/1.0')
  const headers = new Map(lines.map(readHeader))
  const length = Number(headers.get('content-length') ?? 0)
  if (!Number.isInteger(length) || length < 0 || length > mostRtspBytes) {
    throw new WireError('malformed', 'Cannot read a request: its length is none')
  }
  const body = text.slice(end + endOfHeaders.length)
  if (body.length < length) return undefined
  if (body.length > length) throw new WireError('malformed', 'Cannot read a request: more follows than it tells')
  const cseq = Number(headers.get('cseq'))
  return {
    method: parts[1] as string,
    target: parts[2] as string,
    cseq: Number.isSafeInteger(cseq) ? cseq : undefined,
    headers,
    body,
  }
}

function readHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  if (colon < 1) throw new WireError('malformed', 'Cannot read a header without a colon')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

export function encodeRtspAnswer(
  { status, reason, headers, body = '' }: RtspAnswer,
  cseq: number | undefined,
): Uint8Array {
  const bodyBytes = new TextEncoder().encode(body)
  const own = { ...(cseq === undefined ? {} : { CSeq: cseq }), ...headers }
  const withLength = bodyBytes.length > 0 ? { ...own, 'Content-Length': bodyBytes.length } : own
  const lines = Object.entries(withLength).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = new TextEncoder().encode(`RTSP/1.0 ${status} ${reason}\r\n${lines.join('')}\r\n`)
  const bytes = new Uint8Array(head.length + bodyBytes.length)
  bytes.set(head)
  bytes.set(bodyBytes, head.length)
  return bytes
}

/**
 * A message under its seal (AES-128-GCM by the key of the launch), both ways:
 *
 *     | 1 | bytes of ciphertext (31) | sequence (32) | tag (128) | ciphertext |     big endian
 */
export interface SealedRtsp {
  readonly sequence: number
  readonly tag: Uint8Array
  readonly ciphertext: Uint8Array
}

const sealHeadBytes = 24

/** Undefined for the beginning of one. Throws WireError `malformed`, `too-long`. */
export function decodeSealedRtsp(bytes: Uint8Array): SealedRtsp | undefined {
  if (bytes.length < sealHeadBytes) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0)
  if ((length & 0x80000000) === 0) throw new WireError('malformed', 'Cannot read a message that is not sealed')
  const wanted = (length & 0x7fffffff) + sealHeadBytes
  if (wanted > mostRtspBytes)
    throw new WireError('too-long', `Cannot read a message of more than ${mostRtspBytes} bytes`)
  if (bytes.length < wanted) return undefined
  if (bytes.length > wanted)
    throw new WireError('malformed', 'Cannot read a sealed message: more follows than it tells')
  return { sequence: view.getUint32(4), tag: bytes.subarray(8, 24), ciphertext: bytes.subarray(24) }
}

export function encodeSealedRtsp({ sequence, tag, ciphertext }: SealedRtsp): Uint8Array {
  const bytes = new Uint8Array(sealHeadBytes + ciphertext.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, (0x80000000 | ciphertext.length) >>> 0)
  view.setUint32(4, sequence)
  bytes.set(tag, 8)
  bytes.set(ciphertext, sealHeadBytes)
  return bytes
}
