/** JPEG's markers (ITU-T T.81, table B.1): the beginning, what stands alone, and those of frames, of which three others lie among them. */
const [prefix, startOfImage] = [0xff, 0xd8]
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
const hasLength = (marker: number) => marker > 0x01 && marker !== prefix && !(marker >= 0xd0 && marker <= 0xd9)

/**
 * The size that a JPEG says it has, in pixels: what a decoder makes room for before it has read any of them. Undefined for what is no JPEG, or
 * leaves its height for later.
 */
export function jpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | undefined {
  if (bytes[0] !== prefix || bytes[1] !== startOfImage) return undefined
  const word = (at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  let at = 2
  while (at + 9 <= bytes.length) {
    const marker = bytes[at + 1] ?? 0
    const length = word(at + 2)
    if (bytes[at] !== prefix || !hasLength(marker) || length < 2) return undefined
    if (isFrame(marker)) {
      const [height, width] = [word(at + 5), word(at + 7)]
      return width > 0 && height > 0 ? { width, height } : undefined
    }
    at += 2 + length
  }
  return undefined
}
