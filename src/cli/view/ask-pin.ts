import { createInterface } from 'node:readline/promises'
import type { CommandContext } from '../contract/command.ts'

/** Gives a PIN that was told beforehand once; asks whoever sits at the terminal for any other, where somebody does. */
export function askPin(
  given: string | undefined,
  { output }: CommandContext,
): (why: 'pin-required' | 'wrong-pin') => Promise<string | undefined> {
  let left = given
  return async (why) => {
    const pin = left
    left = undefined
    if (pin !== undefined) return pin
    if (!process.stdin.isTTY || !output.isTTY) return undefined
    const asking = createInterface({ input: process.stdin, output: process.stdout })
    try {
      const typed = await asking.question(why === 'wrong-pin' ? 'That PIN is wrong. PIN: ' : 'PIN: ')
      return typed.trim() || undefined
    } finally {
      asking.close()
    }
  }
}
