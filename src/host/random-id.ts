import { randomBytes } from 'node:crypto'

/** An id that nobody guesses: 128 random bits in hexadecimal, good for file names and command lines. */
export function randomId(): string {
  return randomBytes(16).toString('hex')
}
