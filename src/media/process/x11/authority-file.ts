import { readFile } from 'node:fs/promises'
import { messageOf } from '../../../kernel/coded-error.ts'
import { MediaError } from '../../contract/media-error.ts'

/** An entry of an authority file: which display it opens, and with what. */
export interface Authority {
  /** The display's number in decimal; empty for any. */
  readonly display: string
  readonly name: string
  readonly data: Uint8Array
}

/**
 * The entries of an authority file, as libXau writes them: a family and four counted strings, address, display, name and
 * data, with numbers of 16 bits, high byte first. What is cut off at the end is left out.
 */
export function parseAuthorities(file: Buffer): Authority[] {
  const authorities: Authority[] = []
  let at = 0
  const field = () => {
    if (at + 2 > file.length) return undefined
    const end = at + 2 + file.readUInt16BE(at)
    const bytes = end <= file.length ? file.subarray(at + 2, end) : undefined
    at = end
    return bytes
  }
  while (at + 2 <= file.length) {
    at += 2
    const [address, display, name, data] = [field(), field(), field(), field()]
    if (!address || !display || !name || !data) break
    authorities.push({ display: display.toString('latin1'), name: name.toString('latin1'), data })
  }
  return authorities
}

/** The cookie for a display of this machine. Rejects with MediaError `display-failed`. */
export async function readAuthority(path: string, displayNumber: number): Promise<Authority> {
  const number = String(displayNumber)
  const file = await readFile(path).catch((error: unknown) => {
    throw new MediaError('display-failed', `Cannot read the cookie of display :${number}: ${messageOf(error)}`)
  })
  const found = parseAuthorities(file).find(({ display }) => display === number || display === '')
  if (!found)
    throw new MediaError('display-failed', `Cannot open display :${number}: its authority file has no entry for it`)
  return found
}
