import { WireError } from '../wire-error.ts'
import { viewOf, wantBytes } from './fields.ts'

/**
 * Messages of the control stream, before they are sealed:
 *
 *     | type (16) | bytes that follow (16) | payload |     little endian
 */
export type ControlRequest =
  /** A key picture is wanted: at the start, after a loss, or when the decoder failed. */
  | { readonly type: 'key-picture' }
  /** Pictures from one to another are unknown to the client. We never announce that we can go on without: it is a wish for a key. */
  | { readonly type: 'invalidate' }
  | { readonly type: 'start' }
  | { readonly type: 'ping' }
  /** What a player does; see `input-message.ts`. */
  | { readonly type: 'input'; readonly bytes: Uint8Array }
  | ({ readonly type: 'loss' } & FrameStatus)
  /** Known, and of no use here: loss statistics of old clients, acknowledged long-term references. */
  | { readonly type: 'ignored'; readonly number: number }

/** How a block of a picture came that needed its parity (big endian, unlike all else), as far as it was waited for. */
export interface FrameStatus {
  readonly picture: number
  /** Packets that were missing before the last that came. */
  readonly missingBefore: number
  readonly dataPackets: number
  readonly parityPackets: number
  readonly dataReceived: number
  readonly parityReceived: number
}

const requests = {
  keyPicture: 0x0302,
  start: 0x0307,
  invalidate: 0x0301,
  ping: 0x0200,
  input: 0x0206,
  loss: 0x5502,
  lossStatistics: 0x0201,
  longTermReference: 0x0350,
} as const

const headBytes = 4

/** Throws WireError `too-short`, `malformed` when the length is another, `unknown-type`. */
export function decodeControlRequest(bytes: Uint8Array): ControlRequest {
  const view = wantBytes(bytes, headBytes, 'a control message')
  const number = view.getUint16(0, true)
  const payload = bytes.subarray(headBytes)
  if (view.getUint16(2, true) !== payload.length) {
    throw new WireError(
      'malformed',
      `Cannot read a control message of ${payload.length} bytes: it tells of another length`,
    )
  }
  switch (number) {
    case requests.keyPicture:
      return { type: 'key-picture' }
    case requests.start:
      return { type: 'start' }
    case requests.invalidate:
      return { type: 'invalidate' }
    case requests.ping:
      return { type: 'ping' }
    case requests.input:
      return { type: 'input', bytes: payload }
    case requests.loss:
      return { type: 'loss', ...readFrameStatus(payload) }
    case requests.lossStatistics:
    case requests.longTermReference:
      return { type: 'ignored', number }
    default:
      throw new WireError('unknown-type', `Cannot read a control message of type 0x${number.toString(16)}`)
  }
}

function readFrameStatus(payload: Uint8Array): FrameStatus {
  const view = wantBytes(payload, 21, 'the status of a picture')
  return {
    picture: view.getUint32(0),
    missingBefore: view.getUint16(8),
    dataPackets: view.getUint16(10),
    parityPackets: view.getUint16(12),
    dataReceived: view.getUint16(14),
    parityReceived: view.getUint16(16),
  }
}

export type ControlNotice =
  /** 0 to 65,535 for the slow and the fast motor; 0 and 0 is the end of it. */
  | { readonly type: 'rumble'; readonly pad: number; readonly low: number; readonly high: number }
  | { readonly type: 'hdr'; readonly isOn: boolean }
  | { readonly type: 'termination'; readonly cause: TerminationCause }

/** What a client shows at the end: nothing, or its own words for an error. */
export const terminationCauses = { normal: 0x80030023, failed: 0x800e9403 } as const
export type TerminationCause = keyof typeof terminationCauses

export function encodeControlNotice(notice: ControlNotice): Uint8Array {
  switch (notice.type) {
    case 'rumble': {
      const bytes = message(0x010b, 10)
      const view = viewOf(bytes)
      view.setUint16(headBytes + 4, notice.pad, true)
      view.setUint16(headBytes + 6, notice.low, true)
      view.setUint16(headBytes + 8, notice.high, true)
      return bytes
    }
    case 'hdr': {
      const bytes = message(0x010e, 27)
      bytes[headBytes] = notice.isOn ? 1 : 0
      return bytes
    }
    case 'termination': {
      const bytes = message(0x0109, 4)
      viewOf(bytes).setUint32(headBytes, terminationCauses[notice.cause])
      return bytes
    }
  }
}

function message(number: number, payloadBytes: number): Uint8Array {
  const bytes = new Uint8Array(headBytes + payloadBytes)
  const view = viewOf(bytes)
  view.setUint16(0, number, true)
  view.setUint16(2, payloadBytes, true)
  return bytes
}

/**
 * A message under its seal (AES-128-GCM by the key of the launch):
 *
 *     | 1 (16) | bytes that follow (16) | sequence (32) | tag (128) | ciphertext |     little endian
 */
export interface SealedControl {
  readonly sequence: number
  readonly tag: Uint8Array
  readonly ciphertext: Uint8Array
}

const sealedType = 0x0001
const sealedHeadBytes = 24

/** Throws WireError; a message that is not sealed is `unknown-type`. */
export function decodeSealedControl(bytes: Uint8Array): SealedControl {
  const view = wantBytes(bytes, sealedHeadBytes, 'a sealed control message')
  if (view.getUint16(0, true) !== sealedType)
    throw new WireError('unknown-type', 'Cannot read a control message without a seal')
  if (view.getUint16(2, true) !== bytes.length - headBytes) {
    throw new WireError(
      'malformed',
      `Cannot read a sealed message of ${bytes.length} bytes: it tells of another length`,
    )
  }
  return { sequence: view.getUint32(4, true), tag: bytes.subarray(8, 24), ciphertext: bytes.subarray(24) }
}

export function encodeSealedControl({ sequence, tag, ciphertext }: SealedControl): Uint8Array {
  const bytes = new Uint8Array(sealedHeadBytes + ciphertext.length)
  const view = viewOf(bytes)
  view.setUint16(0, sealedType, true)
  view.setUint16(2, bytes.length - headBytes, true)
  view.setUint32(4, sequence, true)
  bytes.set(tag, 8)
  bytes.set(ciphertext, sealedHeadBytes)
  return bytes
}

/** The 12 bytes that no two messages under one key share: which of them it is, and whose. */
export function controlNonce(sequence: number, sender: 'client' | 'host', stream: 'control' | 'rtsp'): Uint8Array {
  const nonce = new Uint8Array(12)
  viewOf(nonce).setUint32(0, sequence, true)
  nonce[10] = (sender === 'client' ? 'C' : 'H').charCodeAt(0)
  nonce[11] = (stream === 'control' ? 'C' : 'R').charCodeAt(0)
  return nonce
}
