import { writeFile } from 'node:fs/promises'

/** The only kind of cookie that local X servers and their clients all have. */
export const cookieProtocol = 'MIT-MAGIC-COOKIE-1'

/** Bytes of a cookie. */
export const cookieLength = 16

/** FamilyWild of Xau(3): the entry holds for every address. */
const familyWild = 0xffff

/**
 * One entry of an authority file (Xau(3), "FILE FORMAT"): big-endian, each string after its 16-bit length.
 *
 *     family (2) | address | display number | name | data
 *
 * The display number is left empty, which matches every display: the file is written before the server picks its own.
 */
export function encodeAuthority(cookie: Uint8Array): Uint8Array {
  const strings = [new Uint8Array(), new Uint8Array(), new TextEncoder().encode(cookieProtocol), cookie]
  const bytes = new Uint8Array(2 + strings.reduce((sum, string) => sum + 2 + string.length, 0))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, familyWild)
  let offset = 2
  for (const string of strings) {
    view.setUint16(offset, string.length)
    bytes.set(string, offset + 2)
    offset += 2 + string.length
  }
  return bytes
}

/** Writes an authority file that only its owner can read. */
export async function writeAuthority(file: string, cookie: Uint8Array): Promise<void> {
  await writeFile(file, encodeAuthority(cookie), { mode: 0o600, flag: 'wx' })
}
