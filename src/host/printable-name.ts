/** Marks that stand one upon another at a letter; no script needs more than four of them. */
const tooManyMarks = /(\p{M}{4})\p{M}+/gu

/** A picture that several characters make together, with what joins them. */
const pictures = /\p{RGI_Emoji}/gv

/** Scripts in which an invisible joiner between two letters changes how they are written. */
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}]/u

/**
 * The name that somebody or something takes who is to be called this: the one rule for members, lobbies, apps and whatever
 * else has a name that others see in pages, pictures, logs and terminals. One line in Unicode's usual form (NFC), of
 * characters that can be seen: nothing that acts on a terminal, turns the writing direction around, takes no room or all of
 * it. `fallback` where nothing is left.
 */
export function printableName(asked: string, fallback: string): string {
  const whole = asked.toWellFormed().normalize('NFC')
  let name = ''
  let at = 0
  for (const { 0: picture, index } of whole.matchAll(pictures)) {
    name += visible(whole.slice(at, index)) + picture
    at = index + picture.length
  }
  name += visible(whole.slice(at))
  const line = name
    .normalize('NFC')
    .replaceAll(/(^|\s)\p{M}+/gu, '$1')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(tooManyMarks, '$1')
    .trim()
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(line) ? line : fallback
}

function visible(text: string): string {
  return (
    text
      // What has no picture of its own, or a blank one that counts as a letter.
      .replaceAll(/[\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u2800\uFFFC\uFFFD]/gu, ' ')
      .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, (ignorable, index: number) => {
        return isNeeded(ignorable, text.slice(0, index), text.slice(index + ignorable.length)) ? ignorable : ''
      })
  )
}

/** A joiner between letters of a script that knows it, or the choice of a form of a Chinese character. */
function isNeeded(ignorable: string, before: string, after: string): boolean {
  const [previous = ''] = before.match(/.$/u) ?? []
  const [next = ''] = after.match(/^./u) ?? []
  if (ignorable === '\u200C' || ignorable === '\u200D') return joining.test(previous) && joining.test(next)
  return /^[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]$/u.test(ignorable) && /\p{Script=Han}/u.test(previous)
}
