/**
 * A reporter of `node --test` for the last line: how many passed, failed and were skipped in the whole run.
 *
 * @param {AsyncIterable<{ type: string, data: { file?: string, counts?: Record<string, number> } }>} events
 */
export default async function* testCounts(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:summary' || data.file !== undefined) continue
    const { passed = 0, failed = 0, cancelled = 0, skipped = 0 } = data.counts ?? {}
    yield `${passed} passed, ${failed + cancelled} failed, ${skipped} skipped\n`
  }
}
