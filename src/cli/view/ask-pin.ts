import { createInterface } from 'node:readline/promises'
import type { CommandContext } from '../contract/command.ts'
import { UsageError } from '../contract/usage-error.ts'
import { printable } from '../terminal/table.ts'

const isPin = (text: string) => /^\d{4,8}$/.test(text)

/**
 * Gives a PIN that was told beforehand once; asks whoever sits at the terminal for any other, where somebody does. Throws UsageError for
 * what is no PIN.
 */
export function askPin(
  given: string | undefined,
  { output }: Pick<CommandContext, 'output'>,
): (why: 'pin-required' | 'wrong-pin', said: string) => Promise<string | undefined> {
  if (given !== undefined && !isPin(given)) {
    throw new UsageError('wrong-arguments', 'Cannot use this --pin: wanted 4 to 8 digits.')
  }
  let left = given
  return async (why, said) => {
    const pin = left
    left = undefined
    if (pin !== undefined) return pin
    if (!process.stdin.isTTY || !output.isTTY) return undefined
    if (why === 'wrong-pin') output.write(`${printable(said)}\n`)
    const asking = createInterface({ input: process.stdin, output: process.stdout })
    try {
      for (;;) {
        const typed = (await asking.question('PIN: ')).trim()
        if (typed === '') return undefined
        if (isPin(typed)) return typed
        output.write('A PIN has 4 to 8 digits.\n')
      }
    } finally {
      asking.close()
    }
  }
}
