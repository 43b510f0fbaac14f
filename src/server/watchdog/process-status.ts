import { readFileSync } from 'node:fs'
import { constants } from 'node:os'

/** Whether a debugger outside (gdb, strace) has hold of this process (proc(5), `TracerPid`). */
export function isTraced(status: string = ownStatus()): boolean {
  return /^TracerPid:\t[1-9]/m.test(status)
}

/** Which of these signals this process handles (proc(5), `SigCgt`); the others do what they do by themselves. */
export function handledSignals(
  signals: readonly NodeJS.Signals[],
  status: string = ownStatus(),
): readonly NodeJS.Signals[] {
  const mask = BigInt(`0x${/^SigCgt:\t([\da-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return signals.filter((signal) => (mask >> BigInt(constants.signals[signal] - 1)) & 1n)
}

function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1')
  } catch {
    return ''
  }
}
