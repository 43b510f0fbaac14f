import { sleep, type Clock } from '../../kernel/clock.ts'

const together = 256

/** A few at a time, with a turn of the event loop for everybody else in between. */
export async function* sweep<T>(all: readonly T[], clock: Clock): AsyncGenerator<readonly T[]> {
  for (let from = 0; from < all.length; from += together) {
    if (from > 0) await sleep(clock, 0)
    yield all.slice(from, from + together)
  }
}
