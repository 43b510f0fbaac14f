/**
 * What the keys of a US keyboard write, without and with Shift, by UI Events code (W3C). Shortcuts are named after them where
 * a keyboard has no Latin letters.
 */
const usKeys: ReadonlyMap<string, readonly [plain: string, shifted: string]> = new Map([
  ...Array.from('abcdefghijklmnopqrstuvwxyz', (letter): [string, readonly [string, string]] => [
    `Key${letter.toUpperCase()}`,
    [letter, letter.toUpperCase()],
  ]),
  ...Array.from('1234567890', (digit, index): [string, readonly [string, string]] => [
    `Digit${digit}`,
    [digit, '!@#$%^&*()'.charAt(index)],
  ]),
  ['Backquote', ['`', '~']],
  ['Minus', ['-', '_']],
  ['Equal', ['=', '+']],
  ['BracketLeft', ['[', '{']],
  ['BracketRight', [']', '}']],
  ['Backslash', ['\\', '|']],
  ['IntlBackslash', ['\\', '|']],
  ['Semicolon', [';', ':']],
  ['Quote', ["'", '"']],
  ['Comma', [',', '<']],
  ['Period', ['.', '>']],
  ['Slash', ['/', '?']],
  ['Space', [' ', ' ']],
])

/** What this key writes on a US keyboard; undefined for keys that write nothing, or that it does not have. */
export function usCharacter(code: string, shift: boolean): string | undefined {
  return usKeys.get(code)?.[shift ? 1 : 0]
}

/** True for a character that shortcuts can be named after on every keyboard. */
export function isAscii(character: string): boolean {
  return /^[ -~]$/.test(character)
}
