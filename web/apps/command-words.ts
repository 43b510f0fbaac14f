/** A line as a shell would be given it, taken apart into words: quotes and backslashes mean what they mean there. */
export function wordsOf(line: string): { readonly words: readonly string[]; readonly openQuote: boolean } {
  const words: string[] = []
  let word: string | undefined
  let quote: '"' | "'" | undefined
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at)
    const next = line.charAt(at + 1)
    if (quote === "'") {
      if (character === quote) quote = undefined
      else word += character
    } else if (character === '\\' && (quote === undefined ? next !== '' : /["\\$`]/.test(next))) {
      word = (word ?? '') + next
      at++
    } else if (character === quote) quote = undefined
    else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character
      word ??= ''
    } else if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (word !== undefined) words.push(word)
  return { words, openQuote: quote !== undefined }
}

/** The line that is taken apart into these words. */
export function lineOfWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}
