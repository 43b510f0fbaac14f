import type { Clock, Timer } from '../kernel/clock.ts'
import type { LaneHandlers, Speech } from './contract/lane.ts'

const pingPeriodMs = 15_000

/** Answers pings, and sends its own while a conversation lasts. */
export class KeepAlive {
  readonly handlers: LaneHandlers<'ping' | 'pong'> = {
    ping: ({ timestamp }) => this.#speech.say({ type: 'pong', timestamp }),
    pong: () => {},
  }
  readonly #speech: Speech
  readonly #pings: Timer

  constructor({ clock, speech }: { clock: Clock; speech: Speech }) {
    this.#speech = speech
    // One is under way at a time: who does not answer is not asked again, and runs out of time.
    this.#pings = clock.every(pingPeriodMs, () => {
      if (speech.may('ping')) speech.say({ type: 'ping', timestamp: clock.nowMs() })
    })
  }

  close(): void {
    this.#pings.cancel()
  }
}
