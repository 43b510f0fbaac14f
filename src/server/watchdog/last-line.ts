import { closeSync, constants, openSync, write, writeSync } from 'node:fs'

/** How long a reader that does not read is waited for. */
const patienceMs = 500

/**
 * Writes a line to a descriptor of this process that may be anything, by the thread that calls. Never waits for long and
 * never rejects: a full pipe may be what everything else waits for.
 */
export async function writeLastLine(descriptor: number, line: string): Promise<void> {
  try {
    // Opened anew, so that it can be had without waiting; a file is gone on with, not begun anew.
    const own = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND)
    try {
      writeSync(own, line)
    } finally {
      closeSync(own)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return
    // A socket, of a service manager for instance, cannot be opened anew.
    await new Promise<void>((resolve) => {
      setTimeout(resolve, patienceMs)
      write(descriptor, line, () => resolve())
    })
  }
}
