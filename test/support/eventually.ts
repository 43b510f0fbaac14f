import { setTimeout as pause } from 'node:timers/promises'

/** What comes soon is looked for often; a look at a page or a machine takes time of those who are waited for. */
const [shortestPollMs, longestPollMs] = [20, 60]

/**
 * Looks again and again until what is seen is accepted, and returns it; rejects with the last sight when that takes
 * too long. For what has no event that a test could wait for: other processes, files, pixels.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  accept: (seen: T) => boolean,
  { what, withinMs = 30_000 }: { what: string; withinMs?: number },
): Promise<T> {
  const startedMs = performance.now()
  for (;;) {
    const seen = await look()
    if (accept(seen)) return seen
    const waitedMs = performance.now() - startedMs
    if (waitedMs > withinMs) {
      throw new Error(`Not within ${withinMs} ms: ${what}. Seen at last: ${JSON.stringify(seen)}`)
    }
    await pause(Math.min(Math.max(waitedMs / 10, shortestPollMs), longestPollMs))
  }
}
