/**
 * Opus packets of two frames (RFC 6716, section 3.2.3, code 1):
 *
 *     0       1             1 + n         1 + 2n
 *     +-------+-------------+-------------+
 *     | TOC   | first frame | second      |      TOC: configuration (5 bits), stereo (1), code (2)
 *     +-------+-------------+-------------+
 *
 * Sound is encoded in frames of 5 ms at a constant rate, and two of them make one packet of 10 ms. Some receivers need them
 * apart, and a frame of 10 ms could not be taken apart.
 */
const codeMask = 0b11
const oneFrame = 0
const twoEqualFrames = 1

/** Joins two packets of one frame each. Throws RangeError when they are not of one kind and one length. */
export function joinOpus(first: Uint8Array, second: Uint8Array): Uint8Array {
  const [toc] = first
  const isPair = toc !== undefined && toc === second[0] && (toc & codeMask) === oneFrame
  if (!isPair || first.length !== second.length) {
    throw new RangeError(`Cannot join Opus packets of ${first.length} and ${second.length} bytes: they are not alike`)
  }
  const joined = new Uint8Array(2 * first.length - 1)
  joined.set(first)
  joined[0] = toc | twoEqualFrames
  joined.set(second.subarray(1), first.length)
  return joined
}

/** The two packets that a joined one was made of, bit for bit; undefined for a packet of another kind. */
export function splitOpus(packet: Uint8Array): readonly [first: Uint8Array, second: Uint8Array] | undefined {
  const [toc] = packet
  if (toc === undefined || (toc & codeMask) !== twoEqualFrames || packet.length % 2 === 0) return undefined
  const bytes = (packet.length - 1) / 2
  const frame = (from: number) => {
    const one = new Uint8Array(1 + bytes)
    one[0] = toc & ~codeMask
    one.set(packet.subarray(from, from + bytes), 1)
    return one
  }
  return [frame(1), frame(1 + bytes)]
}
