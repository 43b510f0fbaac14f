/** The beginning of a JPEG that says it has this size: as far as anybody has to read who does not decode it. */
export function jpegOf(width: number, height: number): Uint8Array {
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff]
  return Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, ...size, 1, 1, 0x11, 0, 0xff, 0xd9)
}
