import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { CodedError } from '../../kernel/coded-error.ts'

/**
 * Why a file is not read although it may be opened. What an operator names, or an app has left in its home, may be a pipe
 * that nobody writes to, a device without an end, or a link to one.
 */
export class FileError extends CodedError<'not-plain' | 'too-long'> {}

/** A pipe without a writer is not waited for, and a terminal does not become ours. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** The text of a plain file of at most so many bytes, however it grows meanwhile. Throws FileError or the system's error. */
export function readPlainFile(path: string, maxBytes: number): string {
  const file = openSync(path, flags)
  try {
    check(fstatSync(file), maxBytes)
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length <= maxBytes; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null)
    }
    return within(bytes.subarray(0, length), maxBytes).toString('utf8')
  } finally {
    closeSync(file)
  }
}

/** The bytes of a plain file, likewise, without holding up this process. */
export async function loadPlainFile(path: string, maxBytes: number): Promise<Buffer> {
  await using file = await open(path, flags)
  check(await file.stat(), maxBytes)
  const bytes = Buffer.alloc(maxBytes + 1)
  let length = 0
  for (let read = -1; read !== 0 && length <= maxBytes; length += read) {
    ;({ bytesRead: read } = await file.read(bytes, length, bytes.length - length, null))
  }
  return within(bytes.subarray(0, length), maxBytes)
}

function check(found: { isFile(): boolean; size: number }, maxBytes: number): void {
  if (!found.isFile()) throw new FileError('not-plain', 'it is no plain file')
  if (found.size > maxBytes) throw tooLong(maxBytes)
}

function within(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length > maxBytes) throw tooLong(maxBytes)
  return bytes
}

function tooLong(maxBytes: number): FileError {
  return new FileError('too-long', `it has more than ${maxBytes} bytes`)
}
