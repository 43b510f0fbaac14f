import { predefined, type ClipboardAtoms } from './clipboard-atoms.ts'

/** Characters that Latin-1, and with it a STRING, cannot hold. */
const beyondLatin1 = /[\u0100-\uffff]/

/** A text as a target wants it, with the type that the property then has; undefined for what is no target of a text. */
export function textAs(
  target: number,
  text: string,
  atoms: ClipboardAtoms,
): { readonly type: number; readonly bytes: Uint8Array } | undefined {
  switch (target) {
    case atoms.utf8:
    case atoms.plainUtf8:
      return { type: target, bytes: Buffer.from(text, 'utf8') }
    case atoms.text:
      return { type: atoms.utf8, bytes: Buffer.from(text, 'utf8') }
    case predefined.string:
      return beyondLatin1.test(text) ? undefined : { type: predefined.string, bytes: Buffer.from(text, 'latin1') }
    default:
      return undefined
  }
}

/** What may be asked of a text, best first. */
export function targetsOf(text: string, atoms: ClipboardAtoms): readonly number[] {
  const own = [atoms.targets, atoms.timestamp, atoms.multiple, atoms.utf8, atoms.plainUtf8, atoms.text]
  return beyondLatin1.test(text) ? own : [...own, predefined.string]
}

/** The best of the targets that somebody else offers a text as; undefined when there is no text among them. */
export function textTarget(offered: readonly number[], atoms: ClipboardAtoms): number | undefined {
  return [atoms.utf8, atoms.plainUtf8, predefined.string].find((target) => offered.includes(target))
}

/** The text of a property. Some programs end it as C does. */
export function textOf(type: number, bytes: Uint8Array): string {
  const encoding = type === predefined.string ? 'latin1' : 'utf8'
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding).replace(/\0$/, '')
}

/** 32-bit values in the byte order of our connections. */
export function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => view.setUint32(4 * index, value, true))
  return bytes
}

/** The 32-bit values of a property; a rest is left out. */
export function wordsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length >> 2 }, (_, index) => view.getUint32(4 * index, true))
}
