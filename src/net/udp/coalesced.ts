/** Bytes in which packets of one channel are alike: their type, and what tells the channel from others. */
const alikeBytes = 6
/** No packet of ours that comes in numbers is shorter. */
const leastBytes = 14

/**
 * The datagrams in what the kernel has handed over at once. It gathers those that came by one flow one after the other where all but the last
 * have the same length, and does not tell that length to Node; so it is read off the packets, which begin alike: those of one channel of
 * the native transport, or of one session of a relay. What is not made of such packets is one datagram, as it is without the kernel's gathering.
 * Within sealed bytes a beginning is found by mistake once in 2^48.
 */
export function* datagramsIn(bytes: Uint8Array, usualBytes: number): Iterable<Uint8Array> {
  const length = segmentIn(bytes, usualBytes)
  if (length === undefined) yield bytes
  else for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

function segmentIn(bytes: Uint8Array, usualBytes: number): number | undefined {
  if (bytes.length < leastBytes + alikeBytes) return undefined
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = all.indexOf(all.subarray(0, alikeBytes), leastBytes)
  if (at > 0 && isSegmented(bytes, at)) return at
  // The usual length comes second: many small packets may end where one of that length would.
  return bytes.length > usualBytes && isSegmented(bytes, usualBytes) ? usualBytes : undefined
}

/** Whether a packet begins at each multiple. */
function isSegmented(bytes: Uint8Array, length: number): boolean {
  for (let at = length; at < bytes.length; at += length) {
    for (let byte = 0; byte < alikeBytes; byte++) if (bytes[at + byte] !== bytes[byte]) return false
  }
  return true
}
