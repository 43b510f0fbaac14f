import { codecFacts, codecOfNumber, type VideoCodec } from '../../domain/video-codec.ts'
import { WireError } from '../wire-error.ts'

/**
 * What the host sends on the media socket. Big-endian; the times are microseconds of the host's monotonic clock.
 *
 *     picture | 1 | flags (8) | width (16) | height (16) | captured (f64) | size of all its data (32) | data ...
 *     part    | 2 | data ...
 *     sound   | 3 | captured (f64) | position (f64) | one Opus packet ...
 *     pointers| 4 | a message of the pointer channel ...
 *     padding | 5 | zeros ...
 *
 *     flags   | 0 0 0 0 0 0 | VP8, else H.264 | key picture |
 *
 * A picture's data goes on in the parts behind it until all of it is there; sound may come between them. A picture that
 * the sender gives up is followed by another one, which is a key picture. Nothing in these messages belongs to one
 * viewer, so that their bytes are made once for all of them. Padding shows what the path carries where pictures do not, and is
 * told of in receipts like everything else.
 */
const pictureKind = 1
const partKind = 2
const soundKind = 3
const pointersKind = 4
const paddingKind = 5
const keyFlag = 1
/** Behind the flag: the number of the codec less one. */
const codecShift = 1
const pictureHeadBytes = 18
const soundHeadBytes = 17

/** The most data in one message: small enough that sound waits for a few milliseconds only, on any usable path. */
export const maxPieceBytes = 2048
/** A key picture of 4K has about a tenth of it. */
export const maxPictureBytes = 4 * 1024 * 1024
/** RFC 6716, section 3.2.1: a packet of one frame. */
export const maxSoundBytes = 1276
/** The longest message of the host. */
export const maxHostMediaBytes = Math.max(pictureHeadBytes + maxPieceBytes, soundHeadBytes + maxSoundBytes)

export interface WebPicture {
  readonly codec: VideoCodec
  /** It can be decoded without any picture before it. */
  readonly key: boolean
  readonly captureUs: number
  readonly width: number
  readonly height: number
  /** H.264: Annex B, with parameter sets before a key picture; VP8: one frame. */
  readonly data: Uint8Array
}

export interface WebSound {
  /** When its first sample was captured. */
  readonly captureUs: number
  /** Place of its first sample at 48 kHz; a gap is silence that was not sent. */
  readonly positionSamples: number
  /** One Opus packet of 10 ms, 48 kHz, stereo. */
  readonly data: Uint8Array
}

export type HostMediaMessage =
  /** `data` is the beginning of `totalBytes`. */
  | ({ readonly type: 'picture'; readonly totalBytes: number } & WebPicture)
  | { readonly type: 'part'; readonly data: Uint8Array }
  | ({ readonly type: 'sound' } & WebSound)
  /** Where others point; `data` as the data channel would carry it. */
  | { readonly type: 'pointers'; readonly data: Uint8Array }
  | { readonly type: 'padding'; readonly bytes: number }

/** The messages of one picture. Throws WireError `out-of-range` for one that is empty or too large. */
export function encodePicture(picture: WebPicture): Uint8Array<ArrayBuffer>[] {
  const { codec, key, captureUs, width, height, data } = picture
  if (data.length === 0 || data.length > maxPictureBytes) {
    throw new WireError('out-of-range', `Cannot send a picture of ${data.length} bytes, wanted 1 to ${maxPictureBytes}`)
  }
  const first = new Uint8Array(pictureHeadBytes + Math.min(data.length, maxPieceBytes))
  const view = new DataView(first.buffer)
  view.setUint8(0, pictureKind)
  view.setUint8(1, (key ? keyFlag : 0) | ((codecFacts[codec].number - 1) << codecShift))
  view.setUint16(2, width)
  view.setUint16(4, height)
  view.setFloat64(6, captureUs)
  view.setUint32(14, data.length)
  first.set(data.subarray(0, maxPieceBytes), pictureHeadBytes)
  const messages = [first]
  for (let at = maxPieceBytes; at < data.length; at += maxPieceBytes) {
    const piece = data.subarray(at, at + maxPieceBytes)
    const part = new Uint8Array(1 + piece.length)
    part[0] = partKind
    part.set(piece, 1)
    messages.push(part)
  }
  return messages
}

/** Throws WireError `out-of-range` for sound that is empty or longer than a packet can be. */
export function encodeSound({ captureUs, positionSamples, data }: WebSound): Uint8Array<ArrayBuffer> {
  if (data.length === 0 || data.length > maxSoundBytes) {
    throw new WireError('out-of-range', `Cannot send sound of ${data.length} bytes, wanted 1 to ${maxSoundBytes}`)
  }
  const bytes = new Uint8Array(soundHeadBytes + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, soundKind)
  view.setFloat64(1, captureUs)
  view.setFloat64(9, positionSamples)
  bytes.set(data, soundHeadBytes)
  return bytes
}

/** Throws WireError `out-of-range` for what the pointer channel would not carry. */
export function encodePointersPiece(data: Uint8Array): Uint8Array<ArrayBuffer> {
  if (data.length === 0 || data.length > maxPieceBytes) {
    throw new WireError('out-of-range', `Cannot send pointers of ${data.length} bytes, wanted 1 to ${maxPieceBytes}`)
  }
  const bytes = new Uint8Array(1 + data.length)
  bytes[0] = pointersKind
  bytes.set(data, 1)
  return bytes
}

/** A message of so many bytes that means nothing. */
export function encodePadding(bytes: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(bytes)
  message[0] = paddingKind
  return message
}

/** Throws WireError. The data shares the memory of `bytes`. */
export function decodeHostMedia(bytes: Uint8Array): HostMediaMessage {
  if (bytes.length > maxHostMediaBytes) {
    throw new WireError('too-long', `Cannot read media: ${bytes.length} bytes, wanted at most ${maxHostMediaBytes}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (bytes[0]) {
    case pictureKind:
      return decodePicture(bytes, view)
    case partKind:
      return { type: 'part', data: behind(bytes, 1, maxPieceBytes) }
    case soundKind: {
      const data = behind(bytes, soundHeadBytes, maxSoundBytes)
      return { type: 'sound', captureUs: readTime(view, 1), positionSamples: readTime(view, 9), data }
    }
    case pointersKind:
      return { type: 'pointers', data: behind(bytes, 1, maxPieceBytes) }
    case paddingKind:
      return { type: 'padding', bytes: bytes.length }
    default:
      throw new WireError(bytes.length === 0 ? 'too-short' : 'unknown-type', 'Cannot read media: no known kind')
  }
}

function decodePicture(bytes: Uint8Array, view: DataView): HostMediaMessage {
  const data = behind(bytes, pictureHeadBytes, maxPieceBytes)
  const flags = view.getUint8(1)
  const codec = codecOfNumber((flags >> codecShift) + 1)
  if (!codec) throw new WireError('malformed', 'Cannot read a picture: unknown flags')
  const totalBytes = view.getUint32(14)
  if (totalBytes < data.length || totalBytes > maxPictureBytes) {
    throw new WireError('out-of-range', `Cannot read a picture: it says that it has ${totalBytes} bytes`)
  }
  return {
    type: 'picture',
    codec,
    key: (flags & keyFlag) !== 0,
    width: view.getUint16(2),
    height: view.getUint16(4),
    captureUs: readTime(view, 6),
    totalBytes,
    data,
  }
}

/** What stands behind a head; there is always something. */
function behind(bytes: Uint8Array, headBytes: number, maxBytes: number): Uint8Array {
  if (bytes.length <= headBytes) throw new WireError('too-short', 'Cannot read media: it ends before its data')
  if (bytes.length - headBytes > maxBytes) throw new WireError('too-long', 'Cannot read media: too much data')
  return bytes.subarray(headBytes)
}

function readTime(view: DataView, at: number): number {
  const time = view.getFloat64(at)
  if (!Number.isFinite(time)) throw new WireError('malformed', 'Cannot read media: a time that is no number')
  return time
}
