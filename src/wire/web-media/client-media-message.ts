import { keysChannel, pointerChannel } from '../input/channels.ts'
import { WireError } from '../wire-error.ts'
import { maxSoundBytes } from './host-media-message.ts'

/**
 * What the client sends on the media socket. Big-endian.
 *
 *     receipt | 1 | arrival of the first (f64) | time since the one before (32) ... |
 *     want-key| 2 |
 *     keys    | 3 | a message of the keys channel ... |
 *     pointer | 4 | a message of the pointer channel ... |
 *     voice   | 5 | place (32) | one Opus packet of the microphone ... |
 *
 * A receipt tells when the next messages of the host arrived, in order and without a gap, in microseconds of the client's
 * monotonic clock: the socket loses nothing, so counting them is enough. `want-key` asks for a key picture. A voice's place is
 * that of its first sample at 48 kHz, from any beginning, as an RTP timestamp is.
 */
const receiptKind = 1
const wantKeyKind = 2
const keysKind = 3
const pointerKind = 4
const voiceKind = 5
const voiceHeadBytes = 5
const receiptHeadBytes = 9

/** More messages are told of in several receipts. */
export const maxReceiptCount = 512
/** The longest message of the client. */
export const maxClientMediaBytes = Math.max(
  receiptHeadBytes + 4 * (maxReceiptCount - 1),
  1 + keysChannel.maxMessageBytes,
)

export type ClientMediaMessage =
  | { readonly type: 'receipt'; readonly arrivalsUs: readonly number[] }
  | { readonly type: 'want-key' }
  /** `data` as a data channel would carry it. */
  | { readonly type: 'keys'; readonly data: Uint8Array }
  | { readonly type: 'pointer'; readonly data: Uint8Array }
  | { readonly type: 'voice'; readonly timestamp: number; readonly data: Uint8Array }

/** Throws WireError `out-of-range` for what the layout cannot carry. */
export function encodeClientMedia(message: ClientMediaMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'receipt':
      return encodeReceipt(message.arrivalsUs)
    case 'want-key':
      return Uint8Array.of(wantKeyKind)
    case 'keys':
    case 'pointer': {
      const channel = message.type === 'keys' ? keysChannel : pointerChannel
      const { length } = message.data
      if (length === 0 || length > channel.maxMessageBytes) {
        throw new WireError('out-of-range', `Cannot send input of ${length} bytes`)
      }
      const bytes = new Uint8Array(1 + length)
      bytes[0] = message.type === 'keys' ? keysKind : pointerKind
      bytes.set(message.data, 1)
      return bytes
    }
    case 'voice':
      return encodeVoice(message)
  }
}

/** Throws WireError. The data shares the memory of `bytes`. */
export function decodeClientMedia(bytes: Uint8Array): ClientMediaMessage {
  if (bytes.length > maxClientMediaBytes) {
    throw new WireError(
      'too-long',
      `Cannot read what came: ${bytes.length} bytes, wanted at most ${maxClientMediaBytes}`,
    )
  }
  switch (bytes[0]) {
    case receiptKind:
      return decodeReceipt(bytes)
    case wantKeyKind:
      if (bytes.length > 1) throw new WireError('malformed', 'Cannot read a wish for a key picture: it has contents')
      return { type: 'want-key' }
    case keysKind:
    case pointerKind:
      // What is in it, and how long it may be, is judged where input is taken, whatever path it came by.
      if (bytes.length === 1) throw new WireError('too-short', 'Cannot read input: there is none')
      return { type: bytes[0] === keysKind ? 'keys' : 'pointer', data: bytes.subarray(1) }
    case voiceKind:
      return decodeVoice(bytes)
    default:
      throw new WireError(bytes.length === 0 ? 'too-short' : 'unknown-type', 'Cannot read what came: no known kind')
  }
}

function encodeVoice({ timestamp, data }: Extract<ClientMediaMessage, { type: 'voice' }>): Uint8Array<ArrayBuffer> {
  const { length } = data
  if (length === 0 || length > maxSoundBytes || !(Number.isInteger(timestamp) && timestamp >>> 0 === timestamp)) {
    throw new WireError('out-of-range', `Cannot send a voice of ${length} bytes at ${timestamp}`)
  }
  const bytes = new Uint8Array(voiceHeadBytes + length)
  bytes[0] = voiceKind
  new DataView(bytes.buffer).setUint32(1, timestamp)
  bytes.set(data, voiceHeadBytes)
  return bytes
}

function decodeVoice(bytes: Uint8Array): ClientMediaMessage {
  const data = bytes.subarray(voiceHeadBytes)
  if (data.length === 0) throw new WireError('too-short', 'Cannot read a voice: it ends before its packet')
  if (data.length > maxSoundBytes) throw new WireError('too-long', `Cannot read a voice of ${data.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { type: 'voice', timestamp: view.getUint32(1), data }
}

function encodeReceipt(arrivalsUs: readonly number[]): Uint8Array<ArrayBuffer> {
  const { length } = arrivalsUs
  if (length === 0 || length > maxReceiptCount) {
    throw new WireError('out-of-range', `Cannot write a receipt of ${length} messages, wanted 1 to ${maxReceiptCount}`)
  }
  const bytes = new Uint8Array(receiptHeadBytes + 4 * (length - 1))
  const view = new DataView(bytes.buffer)
  view.setUint8(0, receiptKind)
  let beforeUs = Math.round(arrivalsUs[0] as number)
  if (!Number.isSafeInteger(beforeUs)) throw new WireError('out-of-range', 'Cannot write a receipt: no such time')
  view.setFloat64(1, beforeUs)
  for (let index = 1; index < length; index++) {
    const sinceUs = Math.round(arrivalsUs[index] as number) - beforeUs
    if (!(sinceUs >= 0 && sinceUs <= 0xffff_ffff)) {
      throw new WireError('out-of-range', 'Cannot write a receipt: the messages did not come in this order')
    }
    view.setUint32(receiptHeadBytes + 4 * (index - 1), sinceUs)
    beforeUs += sinceUs
  }
  return bytes
}

function decodeReceipt(bytes: Uint8Array): ClientMediaMessage {
  const more = (bytes.length - receiptHeadBytes) / 4
  if (!(more >= 0 && Number.isInteger(more))) throw new WireError('malformed', 'Cannot read a receipt: odd length')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let timeUs = view.getFloat64(1)
  if (!Number.isSafeInteger(timeUs)) throw new WireError('malformed', 'Cannot read a receipt: no such time')
  const arrivalsUs = [timeUs]
  for (let index = 0; index < more; index++) {
    timeUs += view.getUint32(receiptHeadBytes + 4 * index)
    arrivalsUs.push(timeUs)
  }
  return { type: 'receipt', arrivalsUs }
}
