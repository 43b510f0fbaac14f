import { closeSync, openSync, readSync } from 'node:fs'
import { messageOf } from '../../kernel/coded-error.ts'
import { UsageError } from '../contract/usage-error.ts'

const bytesAtOnce = 64 * 1024

/**
 * The text of a file that was named on the command line, or of what comes through a pipe, up to so many bytes: a device may
 * have no end. Throws a UsageError that begins with `what`, "Cannot import" for instance.
 */
export function readInputFile(path: string, { what, mostBytes }: { what: string; mostBytes: number }): string {
  const refuse = (why: string, cause?: unknown) =>
    new UsageError('wrong-arguments', `${what} ${path}: ${why}`, { cause })
  const parts: Buffer[] = []
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      for (let read = -1; read !== 0 && length <= mostBytes; length += read) {
        const part = Buffer.alloc(bytesAtOnce)
        read = readSync(file, part)
        parts.push(part.subarray(0, read))
      }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw refuse(messageOf(error), error)
  }
  if (length > mostBytes) throw refuse(`it has more than ${mostBytes} bytes`)
  return Buffer.concat(parts).toString('utf8')
}
