import { fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import type { FloodTarget } from '../flood/flood-target.ts'
import type { FloodKind } from '../flood/kinds.ts'

export interface FloodOrder {
  readonly kind: FloodKind
  readonly target: FloodTarget
  readonly durationMs: number
}

/** What a flood may take beyond its time, to begin and to end. */
const graceMs = 15_000

/**
 * Floods from a process of its own, and says what was sent. It is ended when it does not end by itself. It takes what others
 * leave of the processors, since those who flood have their own.
 */
export async function flood(order: FloodOrder): Promise<string> {
  const child = fork(fileURLToPath(new URL('flood-process.ts', import.meta.url)))
  setPriority(child.pid ?? 0, constants.priority.PRIORITY_LOW)
  const gone = once(child, 'exit')
  child.send(order)
  const late = new AbortController()
  try {
    return await Promise.race([
      once(child, 'message').then(([sent]) => sent as string),
      gone.then(() => 'nothing is known: it ended by itself'),
      pause(order.durationMs + graceMs, 'nothing is known: it did not end', { signal: late.signal }),
    ])
  } finally {
    late.abort()
    child.kill('SIGKILL')
    await gone
  }
}
