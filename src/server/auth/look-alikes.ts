import unhomoglyph from 'unhomoglyph'

/** What Unicode's table of characters that look alike (UTS #39) leaves out, being of another case or only nearly alike. */
const nearly: Readonly<Record<string, string>> = {
  ᴀ: 'a',
  ʙ: 'b',
  ᴅ: 'd',
  ᴇ: 'e',
  ɢ: 'g',
  ʜ: 'h',
  ɪ: 'i',
  ʟ: 'l',
  ᴍ: 'm',
  ɴ: 'n',
  π: 'n',
  и: 'n',
  ᴘ: 'p',
  ʀ: 'r',
  г: 'r',
  я: 'r',
  ᴛ: 't',
  ω: 'w',
  ш: 'w',
  ʏ: 'y',
}

/** Who is here by right of the house, and what they could be called; nobody else is called so. */
const reserved = new Set(
  ['owner', 'host', 'admin', 'administrator', 'system', 'porchlight'].flatMap((word) => [
    lettersOf(word),
    lettersOf(`the${word}`),
  ]),
)

/** Whether a name is one of the house's own, or could be read as one: in any script, case and spacing. */
export function looksReserved(name: string): boolean {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}]+$/gu, '')
  return reserved.has(lettersOf(plain)) || reserved.has(lettersOf(plain.toLowerCase()))
}

function lettersOf(text: string): string {
  return unhomoglyph(text)
    .toLowerCase()
    .replaceAll(/\p{L}/gu, (letter) => nearly[letter] ?? letter)
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('vv', 'w')
}

/** What names have in common that people cannot tell apart at a glance. */
export function shapeOf(name: string): string {
  const letters = unhomoglyph(name.normalize('NFKD').toLowerCase()).normalize('NFKD').toLowerCase()
  // A capital I is a small l in many typefaces, and here it was made small.
  return letters.replaceAll(/[\s\p{Default_Ignorable_Code_Point}]/gu, '').replaceAll('i', 'l')
}

/** The name, with a number behind it when it looks like one of those that are taken. At most `maxLength` long. */
export function distinctName(name: string, taken: Iterable<string>, maxLength: number): string {
  const shapes = new Set([...taken].map(shapeOf))
  let distinct = cut(name, maxLength)
  for (let number = 2; shapes.has(shapeOf(distinct)); number++) {
    const suffix = ` ${number}`
    distinct = cut(name, maxLength - suffix.length).trimEnd() + suffix
  }
  return distinct
}

/** Not through the middle of a character. */
function cut(text: string, maxLength: number): string {
  let length = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (length + segment.length > maxLength) break
    length += segment.length
  }
  return text.slice(0, length)
}
