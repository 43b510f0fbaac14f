import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Child } from './spawn-child.ts'

/** How long a server's own end is waited for when its connection has gone, in milliseconds. */
const lastGaspMs = 500

/**
 * Resolves with why a server is gone, as soon as it is. One that dies closes its connections first; what it died of is
 * the better answer, if it comes at all.
 */
export function causeOfEnd(child: Child, disconnected: Promise<unknown>, clock: Clock): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let ended = false
  let timer: Timer | undefined
  void child.closed.then((end) => {
    ended = true
    timer?.cancel()
    resolve(end.kind === 'error' ? end.error.message : end.reason)
  })
  void disconnected.then(() => {
    if (!ended) timer = clock.after(lastGaspMs, () => resolve('it closed our connection'))
  })
  return promise
}
