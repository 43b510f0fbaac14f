/**
 * Opus packets of two frames (RFC 6716, section 3.2.3, code 1):
 *
 *     0       1             1 + n         1 + 2n
 *     +-------+-------------+-------------+
 *     | TOC   | first frame | second      |      TOC: configuration (5 bits), stereo (1), code (2)
 *     +-------+-------------+-------------+
 *
 * Sound is encoded in frames of 5 ms at a constant rate, and two of them make one packet of 10 ms. Some receivers need them
 * apart, and a frame of 10 ms could not be taken apart. Surround sound is several of such packets one after the other, one a stream; all
 * but the last have the length of a frame, in one byte or two, behind the TOC (appendix B).
 */
const codeMask = 0b11
const oneFrame = 0
const twoEqualFrames = 1
/** From this on a length takes a second byte, which counts fours. */
const longLength = 252

/** The same kind of packet of one stream: a TOC, and frames of one length. */
interface StreamPacket {
  readonly toc: number
  readonly frames: readonly Uint8Array[]
}

/** Joins two packets of one frame each; undefined when they are not of one kind and one length. */
export function joinOpus(first: Uint8Array, second: Uint8Array, streams = 1): Uint8Array | undefined {
  const before = readStreams(first, streams, oneFrame)
  const after = readStreams(second, streams, oneFrame)
  const joined = before?.map(({ toc, frames: [frame] }, stream): StreamPacket | undefined => {
    const next = after?.[stream]
    const isPair = next?.toc === toc && next.frames[0]?.length === frame?.length
    return isPair ? { toc: toc | twoEqualFrames, frames: [frame, ...next.frames] as Uint8Array[] } : undefined
  })
  return joined?.every((packet) => packet !== undefined) ? writeStreams(joined) : undefined
}

/** The two packets that a joined one was made of, bit for bit; undefined for a packet of another kind. */
export function splitOpus(
  packet: Uint8Array,
  streams = 1,
): readonly [first: Uint8Array, second: Uint8Array] | undefined {
  const pairs = readStreams(packet, streams, twoEqualFrames)
  if (!pairs) return undefined
  const half = (at: 0 | 1) =>
    writeStreams(pairs.map(({ toc, frames }) => ({ toc: toc & ~codeMask, frames: [frames[at] as Uint8Array] })))
  return [half(0), half(1)]
}

/** The packets of each stream, all of this code; undefined where that is not what there is. */
function readStreams(packet: Uint8Array, streams: number, code: 0 | 1): readonly StreamPacket[] | undefined {
  const found: StreamPacket[] = []
  let at = 0
  while (found.length < streams) {
    const toc = packet[at++]
    if (toc === undefined || (toc & codeMask) !== code) return undefined
    let bytes = (packet.length - at) / (code + 1)
    if (found.length < streams - 1) {
      bytes = packet[at++] ?? NaN
      if (bytes >= longLength) bytes += 4 * (packet[at++] ?? NaN)
    }
    const frames = Array.from({ length: code + 1 }, (_, index) =>
      packet.subarray(at + index * bytes, at + (index + 1) * bytes),
    )
    if (!Number.isInteger(bytes) || frames.some(({ length }) => length !== bytes)) return undefined
    found.push({ toc, frames })
    at += (code + 1) * bytes
  }
  return found
}

function writeStreams(packets: readonly StreamPacket[]): Uint8Array {
  const parts = packets.flatMap(({ toc, frames }, stream) => {
    const length = stream < packets.length - 1 ? lengthOf(frames[0] as Uint8Array) : []
    return [Uint8Array.of(toc, ...length), ...frames]
  })
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function lengthOf({ length }: Uint8Array): number[] {
  if (length < longLength) return [length]
  const first = longLength + (length & codeMask)
  return [first, (length - first) / 4]
}
