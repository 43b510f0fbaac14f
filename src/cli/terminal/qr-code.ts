import { renderUnicodeCompact } from 'uqr'

const whiteOnBlack = '\u001B[97;40m'
const plain = '\u001B[0m'

/**
 * A link as a QR code of half blocks, or undefined when it would not fit. `colour` paints light modules white whatever
 * the terminal's own colours are.
 */
export function qrCode(link: string, options: { columns: number; colour: boolean }): string | undefined {
  const lines = renderUnicodeCompact(link, { ecc: 'L', border: 2 }).split('\n')
  if ((lines[0]?.length ?? 0) > options.columns) return undefined
  return lines.map((line) => (options.colour ? `${whiteOnBlack}${line}${plain}\n` : `${line}\n`)).join('')
}
