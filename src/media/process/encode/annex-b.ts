/** The types of the NAL units in an H.264 Annex B stream, in order (ITU-T H.264, table 7-1). */
export function nalTypes(stream: Uint8Array): number[] {
  const types: number[] = []
  for (let at = 0; at + 3 < stream.length; at++) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue
    types.push((stream[at + 3] ?? 0) & 0x1f)
    at += 3
  }
  return types
}

export const idrSlice = 5
export const sequenceParameters = 7
export const pictureParameters = 8
