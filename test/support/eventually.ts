import { setTimeout as pause } from 'node:timers/promises'

const pollMs = 20

/**
 * Looks again and again until what is seen is accepted, and returns it; rejects with the last sight when that takes
 * too long. For what has no event that a test could wait for: other processes, files, pixels.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  accept: (seen: T) => boolean,
  { what, withinMs = 30_000 }: { what: string; withinMs?: number },
): Promise<T> {
  const giveUpAtMs = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (accept(seen)) return seen
    if (performance.now() > giveUpAtMs) {
      throw new Error(`Not within ${withinMs} ms: ${what}. Seen at last: ${JSON.stringify(seen)}`)
    }
    await pause(pollMs)
  }
}
