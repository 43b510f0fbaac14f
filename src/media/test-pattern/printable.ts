const replacements: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['ẞ', 'SS'],
  ['æ', 'ae'],
  ['Æ', 'AE'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
  ['ø', 'o'],
  ['Ø', 'O'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['‘', "'"],
  ['’', "'"],
  ['“', '"'],
  ['”', '"'],
  ['„', '"'],
  ['–', '-'],
  ['—', '-'],
  ['…', '...'],
  ['\u00a0', ' '],
])

/** Stands for a character that the face cannot show. */
export const foreign = '\ufffd'

/**
 * Text as the face can show it: accents are folded, typographic signs become their ASCII cousins, control characters
 * become spaces, and what remains foreign becomes {@link foreign}.
 */
export function printable(text: string): string {
  let shown = ''
  for (const character of text.normalize('NFD').replaceAll(/\p{Mn}/gu, '')) {
    shown += replacements.get(character) ?? plain(character)
  }
  return shown
}

function plain(character: string): string {
  if (/\p{Cc}/u.test(character)) return ' '
  return character >= ' ' && character <= '~' ? character : foreign
}
