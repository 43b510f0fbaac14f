import { constants } from 'node:os'

/** struct sigaction of Linux with 64 bits, of every C library: handler (8), mask (128), flags (4), restorer (8). */
const structBytes = 256
const flagsAt = 136
/** SA_RESETHAND (sigaction(2)). */
const resetHandler = 0x8000_0000

/**
 * Lets the handlers of these signals be called once. The kernel gives the signal back to itself with the first delivery, so
 * that the second one ends this process at once, also while its main thread does nothing any more and no handler of
 * JavaScript could run. The handlers have to be there. Rejects when it cannot be done here: then a second signal is heard
 * by the handlers alone.
 */
export async function makeOneShot(signals: readonly NodeJS.Signals[]): Promise<void> {
  if (process.platform !== 'linux') throw new Error('it can only be done on Linux')
  const { default: koffi } = await import('koffi')
  const libc = koffi.load('libc.so.6')
  const read = libc.func('int sigaction(int signal, const void *act, _Out_ uint8_t *old)')
  const write = libc.func('int sigaction(int signal, const uint8_t *act, void *old)')
  for (const signal of signals) {
    const action = Buffer.alloc(structBytes)
    const number = constants.signals[signal]
    if (read(number, null, action) !== 0) throw new Error(`it is not told what ${signal} does`)
    action.writeUInt32LE((action.readUInt32LE(flagsAt) | resetHandler) >>> 0, flagsAt)
    if (write(number, action, null) !== 0) throw new Error(`what ${signal} does cannot be changed`)
  }
}
