import { WireError } from '../wire-error.ts'
import type { EnetBody, EnetCommand, EnetDatagram, EnetFragment, EnetTerms } from './enet-command.ts'

/**
 * Datagrams of ENet 1.3 without checksum and compression:
 *
 *     | peer id (12) | session (2) | compressed | sent time follows |   16 bits, the flags on top
 *     | sent time (16) |                                              when the flag says so
 *     | command | command | ...
 *
 *     command: | ack wanted, unsequenced, type (8) | channel (8) | reliable sequence (16) | fields | data |
 */
const compressedFlag = 0x4000
const sentTimeFlag = 0x8000
const ackFlag = 0x80
const unsequencedFlag = 0x40
const headerBytes = 4

/** By number; the size is that of header and fields, without data. */
const kinds = [
  undefined,
  { type: 'acknowledge', bytes: 8 },
  { type: 'connect', bytes: 48 },
  { type: 'verify-connect', bytes: 44 },
  { type: 'disconnect', bytes: 8 },
  { type: 'ping', bytes: 4 },
  { type: 'reliable', bytes: 6 },
  { type: 'unreliable', bytes: 8 },
  { type: 'fragment', bytes: 24 },
  { type: 'unsequenced', bytes: 8 },
  { type: 'bandwidth-limit', bytes: 12 },
  { type: 'throttle', bytes: 16 },
  { type: 'unreliable-fragment', bytes: 24 },
] as const satisfies readonly ({ type: EnetBody['type']; bytes: number } | undefined)[]

/** A datagram of the dialect that Moonlight speaks is within 1,400 bytes. */
export const mostEnetBytes = 1400

/**
 * Throws WireError: `too-long` beyond {@link mostEnetBytes}, `too-short` where a command is cut, `unknown-type`, `malformed` for what is
 * compressed or empty. Data are views of `bytes`.
 */
export function decodeEnetDatagram(bytes: Uint8Array): EnetDatagram {
  if (bytes.length > mostEnetBytes) throw new WireError('too-long', `Cannot read a datagram of ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  want(bytes, 2)
  const flags = view.getUint16(0)
  if ((flags & compressedFlag) !== 0) throw new WireError('malformed', 'Cannot read a compressed datagram')
  const hasTime = (flags & sentTimeFlag) !== 0
  let at = hasTime ? 4 : 2
  want(bytes, at)
  const commands: EnetCommand[] = []
  while (at < bytes.length) {
    const { command, end } = readCommand(bytes, view, at)
    commands.push(command)
    at = end
  }
  if (commands.length === 0) throw new WireError('too-short', 'Cannot read a datagram without a command')
  return {
    peerId: flags & 0xfff,
    session: (flags >>> 12) & 3,
    sentTime: hasTime ? view.getUint16(2) : undefined,
    commands,
  }
}

function readCommand(bytes: Uint8Array, view: DataView, at: number): { command: EnetCommand; end: number } {
  want(bytes, at + headerBytes)
  const first = view.getUint8(at)
  const kind = kinds[first & 0x0f]
  if (kind === undefined || (first & 0x30) !== 0) {
    throw new WireError('unknown-type', `Cannot read a command of type ${first & 0x3f}`)
  }
  want(bytes, at + kind.bytes)
  const header = {
    channel: view.getUint8(at + 1),
    sequence: view.getUint16(at + 2),
    wantsAck: (first & ackFlag) !== 0,
  }
  const fields = at + headerBytes
  const data = (lengthAt: number) => {
    const begin = at + kind.bytes
    const end = begin + view.getUint16(lengthAt)
    want(bytes, end)
    return bytes.subarray(begin, end)
  }
  const body = readBody(kind.type, view, fields, data)
  const dataBytes = 'data' in body && typeof body.data === 'object' ? body.data.length : 0
  return { command: { ...header, ...body }, end: at + kind.bytes + dataBytes }
}

function readBody(
  type: EnetBody['type'],
  view: DataView,
  at: number,
  data: (lengthAt: number) => Uint8Array,
): EnetBody {
  switch (type) {
    case 'acknowledge':
      return { type, acknowledged: view.getUint16(at), sentTime: view.getUint16(at + 2) }
    case 'connect':
      return { type, ...readTerms(view, at), data: view.getUint32(at + 40) }
    case 'verify-connect':
      return { type, ...readTerms(view, at) }
    case 'disconnect':
      return { type, data: view.getUint32(at) }
    case 'ping':
      return { type }
    case 'reliable':
      return { type, data: data(at) }
    case 'unreliable':
      return { type, unreliableSequence: view.getUint16(at), data: data(at + 2) }
    case 'unsequenced':
      return { type, group: view.getUint16(at), data: data(at + 2) }
    case 'fragment':
    case 'unreliable-fragment':
      return { type, ...readFragment(view, at), data: data(at + 2) }
    case 'bandwidth-limit':
      return { type, incomingBytesPerS: view.getUint32(at), outgoingBytesPerS: view.getUint32(at + 4) }
    case 'throttle':
      return { type, throttle: readThrottle(view, at) }
  }
}

function readTerms(view: DataView, at: number): EnetTerms {
  return {
    outgoingPeerId: view.getUint16(at),
    incomingSession: view.getUint8(at + 2),
    outgoingSession: view.getUint8(at + 3),
    mtu: view.getUint32(at + 4),
    windowBytes: view.getUint32(at + 8),
    channels: view.getUint32(at + 12),
    incomingBytesPerS: view.getUint32(at + 16),
    outgoingBytesPerS: view.getUint32(at + 20),
    throttle: readThrottle(view, at + 24),
    connectId: view.getUint32(at + 36),
  }
}

function readThrottle(view: DataView, at: number) {
  return {
    intervalMs: view.getUint32(at),
    acceleration: view.getUint32(at + 4),
    deceleration: view.getUint32(at + 8),
  }
}

function readFragment(view: DataView, at: number): Omit<EnetFragment, 'data'> {
  return {
    startSequence: view.getUint16(at),
    fragments: view.getUint32(at + 4),
    index: view.getUint32(at + 8),
    totalBytes: view.getUint32(at + 12),
    offset: view.getUint32(at + 16),
  }
}

function want(bytes: Uint8Array, end: number): void {
  if (bytes.length < end)
    throw new WireError('too-short', `Cannot read a datagram of ${bytes.length} bytes: wanted ${end}`)
}

/** How long a command is in a datagram. */
export function enetCommandBytes(command: EnetBody): number {
  const { bytes } = kindOf(command)
  return bytes + ('data' in command && typeof command.data === 'object' ? command.data.length : 0)
}

/** Bytes of a datagram before its first command, with the time. */
export const enetHeadBytes = 4

export function encodeEnetDatagram({ peerId, session, sentTime, commands }: EnetDatagram): Uint8Array {
  const headBytes = sentTime === undefined ? 2 : enetHeadBytes
  const bytes = new Uint8Array(commands.reduce((sum, command) => sum + enetCommandBytes(command), headBytes))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, (peerId & 0xfff) | ((session & 3) << 12) | (sentTime === undefined ? 0 : sentTimeFlag))
  if (sentTime !== undefined) view.setUint16(2, sentTime)
  let at = headBytes
  for (const command of commands) {
    writeCommand(bytes, view, at, command)
    at += enetCommandBytes(command)
  }
  return bytes
}

function writeCommand(bytes: Uint8Array, view: DataView, at: number, command: EnetCommand): void {
  const kind = kindOf(command)
  const isUnsequenced = command.type === 'unsequenced'
  view.setUint8(at, kinds.indexOf(kind) | (command.wantsAck ? ackFlag : 0) | (isUnsequenced ? unsequencedFlag : 0))
  view.setUint8(at + 1, command.channel)
  view.setUint16(at + 2, command.sequence)
  writeBody(view, at + headerBytes, command)
  if ('data' in command && typeof command.data === 'object') bytes.set(command.data, at + kind.bytes)
}

function writeBody(view: DataView, at: number, command: EnetBody): void {
  switch (command.type) {
    case 'acknowledge':
      view.setUint16(at, command.acknowledged)
      view.setUint16(at + 2, command.sentTime)
      break
    case 'connect':
      writeTerms(view, at, command)
      view.setUint32(at + 40, command.data)
      break
    case 'verify-connect':
      writeTerms(view, at, command)
      break
    case 'disconnect':
      view.setUint32(at, command.data)
      break
    case 'ping':
      break
    case 'reliable':
      view.setUint16(at, command.data.length)
      break
    case 'unreliable':
    case 'unsequenced':
      view.setUint16(at, command.type === 'unreliable' ? command.unreliableSequence : command.group)
      view.setUint16(at + 2, command.data.length)
      break
    case 'fragment':
    case 'unreliable-fragment':
      writeFragment(view, at, command)
      break
    case 'bandwidth-limit':
      view.setUint32(at, command.incomingBytesPerS)
      view.setUint32(at + 4, command.outgoingBytesPerS)
      break
    case 'throttle':
      writeThrottle(view, at, command.throttle)
      break
  }
}

function writeTerms(view: DataView, at: number, terms: EnetTerms): void {
  view.setUint16(at, terms.outgoingPeerId)
  view.setUint8(at + 2, terms.incomingSession)
  view.setUint8(at + 3, terms.outgoingSession)
  view.setUint32(at + 4, terms.mtu)
  view.setUint32(at + 8, terms.windowBytes)
  view.setUint32(at + 12, terms.channels)
  view.setUint32(at + 16, terms.incomingBytesPerS)
  view.setUint32(at + 20, terms.outgoingBytesPerS)
  writeThrottle(view, at + 24, terms.throttle)
  view.setUint32(at + 36, terms.connectId)
}

function writeThrottle(view: DataView, at: number, throttle: EnetTerms['throttle']): void {
  view.setUint32(at, throttle.intervalMs)
  view.setUint32(at + 4, throttle.acceleration)
  view.setUint32(at + 8, throttle.deceleration)
}

function writeFragment(view: DataView, at: number, fragment: EnetFragment): void {
  view.setUint16(at, fragment.startSequence)
  view.setUint16(at + 2, fragment.data.length)
  view.setUint32(at + 4, fragment.fragments)
  view.setUint32(at + 8, fragment.index)
  view.setUint32(at + 12, fragment.totalBytes)
  view.setUint32(at + 16, fragment.offset)
}

function kindOf({ type }: EnetBody): NonNullable<(typeof kinds)[number]> {
  return kinds.find((kind) => kind?.type === type) as NonNullable<(typeof kinds)[number]>
}
