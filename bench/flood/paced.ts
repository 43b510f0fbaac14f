import { setTimeout as pause } from 'node:timers/promises'

const tickMs = 10

/** Calls so often a second, many at a time, until the signal is aborted; returns how often that was. */
export async function paced(perSecond: number, signal: AbortSignal, call: () => void): Promise<number> {
  const beganMs = performance.now()
  let calls = 0
  while (!signal.aborted) {
    const wanted = ((performance.now() - beganMs) / 1000) * perSecond
    for (; calls < wanted && !signal.aborted; calls++) call()
    await pause(tickMs)
  }
  return calls
}
