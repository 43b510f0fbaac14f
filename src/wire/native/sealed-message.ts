/**
 * What a data packet says, under its seal. The first byte is its kind; all but datagrams are padded with zeros to 40 bytes, so that
 * nothing that has to be answered is shorter than its answer.
 *
 *     0   rest                          1   a datagram of whoever uses the channel
 *     2   ping: id uint32               3   pong: id uint32, newest uint64, received uint64
 *     4   challenge: 8 bytes            5   answer: 8 bytes, those of the challenge
 *     6   new keys: epoch uint8, public key 32 bytes        7   the other half of them: the same
 *     8   close: cause uint8, length uint8, reason in UTF-8
 *
 * A pong tells the highest counter that has come, and how many packets: from two of them follows what was lost between.
 */
import { WireError } from '../wire-error.ts'
import { keyBytes, tagBytes } from './noise-crypto.ts'
import { dataHeadBytes, mostPacketBytes } from './packet.ts'

/** Why a channel between two ends is over. */
export const channelEnds = [
  /** Whoever used it is done. */
  'closed',
  /** The process of one end goes. */
  'going-away',
  /** The peer may not be here, or not any more. */
  'refused',
  /** The peer has said what the protocol has no place for. */
  'protocol-violation',
  /** The peer did not answer for too long. */
  'silent',
  /** New keys were due and could not be agreed on. */
  'keys-expired',
  /** The same peer has come again, by another channel. */
  'replaced',
  /** The peer does not know the channel: it was started again. */
  'forgotten',
] as const
export type ChannelEnd = (typeof channelEnds)[number]

export type SealedMessage =
  | { readonly kind: 'rest' }
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'pong'; readonly id: number; readonly newest: number; readonly received: number }
  | { readonly kind: 'challenge' | 'answer'; readonly token: Uint8Array }
  | { readonly kind: 'rekey' | 'rekeyed'; readonly epoch: number; readonly publicKey: Uint8Array }
  | { readonly kind: 'close'; readonly cause: ChannelEnd; readonly reason: string }

const kinds = ['rest', 'datagram', 'ping', 'pong', 'challenge', 'answer', 'rekey', 'rekeyed', 'close'] as const
const leastBytes = 40
export const challengeBytes = 8
const mostReasonBytes = 200

/** The longest datagram of a channel: what a packet leaves for it. */
export const mostDatagramBytes = mostPacketBytes - dataHeadBytes - tagBytes - 1

/** What is left free around a message, in bytes: for the head of its packet and for the tag. */
export interface Margins {
  readonly before: number
  readonly behind: number
  /** Where the packet of a datagram lies: nothing of what was there remains but in the margins. */
  readonly memory: (bytes: number) => Uint8Array
}

const noMargins: Margins = { before: 0, behind: 0, memory: (bytes) => new Uint8Array(bytes) }

/** Throws WireError `too-long` for a datagram of more than {@link mostDatagramBytes}. */
export function encodeSealed(message: SealedMessage, { before, behind, memory }: Margins = noMargins): Uint8Array {
  const number = kinds.indexOf(message.kind)
  if (message.kind === 'datagram') {
    if (message.bytes.length > mostDatagramBytes) {
      throw new WireError('too-long', `A datagram has at most ${mostDatagramBytes} bytes, not ${message.bytes.length}`)
    }
    const all = memory(before + 1 + message.bytes.length + behind)
    all[before] = number
    all.set(message.bytes, before + 1)
    return all
  }
  const reason = message.kind === 'close' ? utf8(message.reason) : undefined
  const length = Math.max(leastBytes, 3 + (reason?.length ?? 0))
  const all = new Uint8Array(before + length + behind)
  const bytes = all.subarray(before, before + length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  bytes[0] = number
  switch (message.kind) {
    case 'rest':
      break
    case 'ping':
      view.setUint32(1, message.id, true)
      break
    case 'pong':
      view.setUint32(1, message.id, true)
      setCount(view, 5, message.newest)
      setCount(view, 13, message.received)
      break
    case 'challenge':
    case 'answer':
      bytes.set(message.token.subarray(0, challengeBytes), 1)
      break
    case 'rekey':
    case 'rekeyed':
      bytes[1] = message.epoch & 0xff
      bytes.set(message.publicKey.subarray(0, keyBytes), 2)
      break
    case 'close':
      bytes[1] = channelEnds.indexOf(message.cause) + 1
      bytes[2] = reason?.length ?? 0
      bytes.set(reason ?? [], 3)
  }
  return all
}

/** Parts are views of `bytes`. Throws WireError for what is no message. */
export function decodeSealed(bytes: Uint8Array): SealedMessage {
  const kind = kinds[bytes[0] ?? -1]
  if (kind === undefined) {
    throw new WireError(
      bytes.length === 0 ? 'too-short' : 'unknown-type',
      'A sealed message is of no kind that there is',
    )
  }
  if (kind === 'datagram') return { kind, bytes: bytes.subarray(1) }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < leastBytes) throw new WireError('too-short', `A sealed message has only ${bytes.length} bytes`)
  switch (kind) {
    case 'rest':
      return { kind }
    case 'ping':
      return { kind, id: view.getUint32(1, true) }
    case 'pong':
      return { kind, id: view.getUint32(1, true), newest: countAt(view, 5), received: countAt(view, 13) }
    case 'challenge':
    case 'answer':
      return { kind, token: bytes.subarray(1, 1 + challengeBytes) }
    case 'rekey':
    case 'rekeyed':
      return { kind, epoch: bytes[1] as number, publicKey: bytes.subarray(2, 2 + keyBytes) }
    case 'close': {
      const cause = channelEnds[(bytes[1] as number) - 1]
      const end = 3 + (bytes[2] as number)
      if (cause === undefined) throw new WireError('out-of-range', 'A goodbye has a cause that is none')
      if (end > bytes.length) throw new WireError('too-short', 'A goodbye ends before its reason')
      return { kind, cause, reason: new TextDecoder().decode(bytes.subarray(3, end)) }
    }
  }
}

/** As much of a reason as a message takes. */
function utf8(reason: string): Uint8Array {
  const into = new Uint8Array(mostReasonBytes)
  return into.subarray(0, new TextEncoder().encodeInto(reason, into).written)
}

function setCount(view: DataView, at: number, count: number): void {
  view.setUint32(at, count >>> 0, true)
  view.setUint32(at + 4, Math.floor(count / 2 ** 32), true)
}

function countAt(view: DataView, at: number): number {
  const count = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
  if (!Number.isSafeInteger(count)) throw new WireError('out-of-range', 'A count is one that no sender comes to')
  return count
}
