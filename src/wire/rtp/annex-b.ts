/**
 * The NAL units of an Annex B byte stream (H.264, annex B.1), as views: each follows the start code 00 00 01; zeros
 * before a start code and at the end belong to none.
 */
export function nalUnits(stream: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = []
  let code = findStartCode(stream, 0)
  while (code >= 0) {
    const begin = code + startCodeBytes
    code = findStartCode(stream, begin)
    let end = code >= 0 ? code : stream.length
    while (end > begin && stream[end - 1] === 0) end--
    if (end > begin) units.push(stream.subarray(begin, end))
  }
  return units
}

const startCodeBytes = 3

/** Looks at every third byte only: one above 1 cannot be part of a start code. */
function findStartCode(stream: Uint8Array, from: number): number {
  for (let at = from + 2; at < stream.length;) {
    const byte = stream[at] as number
    if (byte > 1) at += 3
    else if (byte === 0) at += 1
    else if (stream[at - 1] === 0 && stream[at - 2] === 0) return at - 2
    else at += 3
  }
  return -1
}
