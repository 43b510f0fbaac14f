/** The combining mark (Unicode) of each dead key (X11/keysymdef.h, `XK_dead_*`). */
const combiningMarks: ReadonlyMap<number, string> = new Map([
  [0xfe50, '\u0300'], // grave
  [0xfe51, '\u0301'], // acute
  [0xfe52, '\u0302'], // circumflex
  [0xfe53, '\u0303'], // tilde
  [0xfe54, '\u0304'], // macron
  [0xfe55, '\u0306'], // breve
  [0xfe56, '\u0307'], // dot above
  [0xfe57, '\u0308'], // diaeresis
  [0xfe58, '\u030a'], // ring above
  [0xfe59, '\u030b'], // double acute
  [0xfe5a, '\u030c'], // caron
  [0xfe5b, '\u0327'], // cedilla
  [0xfe5c, '\u0328'], // ogonek
  [0xfe60, '\u0323'], // dot below
  [0xfe61, '\u0309'], // hook above
  [0xfe62, '\u031b'], // horn
])

/** True for a key that waits for the next one. */
export function isDeadKey(symbol: number): boolean {
  return symbol >= 0xfe50 && symbol <= 0xfe93
}

/**
 * The character to press after a dead key so that the app writes `character`: `e` after dead_acute for `é`. A player's
 * machine that has not composed them sends that very `e`, or a space for the mark alone. Undefined when the dead key has
 * no part in the character.
 */
export function baseAfter(deadKey: number, character: string): string | undefined {
  const mark = combiningMarks.get(deadKey)
  if (mark === undefined) return undefined
  const [base = ''] = character.normalize('NFD')
  const isComposed = base !== character && compose(base, mark) === character.normalize('NFC')
  const canCompose = character === ' ' || Array.from(compose(character, mark)).length === 1
  return isComposed ? base : canCompose ? character : undefined
}

function compose(base: string, mark: string): string {
  return (base + mark).normalize('NFC')
}
