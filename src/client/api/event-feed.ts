import * as v from 'valibot'
import { Backoff, type BackoffPolicy } from '../../kernel/backoff.ts'
import { systemClock, type Clock, type Timer } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import { Writable, type Readable, type Unsubscribe } from '../../kernel/readable.ts'
import { apiEvent, resetEvent, type ApiEvent } from '../../wire/api/resources.ts'
import { onPageWake } from '../environment/environment.ts'
import { reportUncaught } from '../contract/report-uncaught.ts'
import type { ApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'
import { SseParser } from './sse-parser.ts'

export interface EventFeedOptions {
  readonly api: Pick<ApiClient, 'events'>
  readonly onEvent: (event: ApiEvent) => void
  /**
   * What happened before is not going to be told: it has to be asked for. Called when the stream is open for the first
   * time, and again after a cut that was too long for the host to remember. Should it reject, the next stream begins
   * with it once more.
   */
  readonly onReset: () => void | Promise<void>
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number
  /** Default: the browser's. */
  readonly onWake?: (wake: () => void) => Unsubscribe
}

export type FeedState =
  | { readonly status: 'connecting' }
  | { readonly status: 'open' }
  /** Nothing comes; the next try is on its way. */
  | { readonly status: 'waiting'; readonly error: ApiError }
  /** The token was refused: there will be no next try. */
  | { readonly status: 'refused'; readonly error: ApiError }

export interface EventFeed extends Closable {
  readonly state: Readable<FeedState>
}

const policy: BackoffPolicy = { baseDelayMs: 500, maxDelayMs: 15_000, jitterFactor: 0.3, healthyAfterMs: 5000 }
/** The host says something at least every 15 seconds, be it a comment. */
const silenceLimitMs = 45_000

/**
 * Follows `GET /events`, for ever; after a cut it goes on where it was. Events of a type that is not known here are left
 * out.
 */
export function openEventFeed(options: EventFeedOptions): EventFeed {
  const { api, clock = systemClock, random = Math.random, onWake = onPageWake } = options
  const backoff = new Backoff(policy, clock, random)
  const state = new Writable<FeedState>({ status: 'connecting' }, reportUncaught)
  let stream = new AbortController()
  let retry: Timer | undefined
  /** The last reset, while what was asked for then has not come. */
  let unanswered: object | undefined
  let lastEventId: string | undefined

  const reset = () => {
    const own = (unanswered = {})
    const ask = async () => options.onReset()
    ask().then(
      () => {
        if (unanswered === own) unanswered = undefined
      },
      // It stays unanswered: after the next cut everything is asked for again.
      () => {},
    )
  }

  const read = async () => {
    const { signal } = stream
    let silence: Timer | undefined
    try {
      const from = unanswered ? undefined : lastEventId
      const bytes = await api.events(signal, from)
      state.set({ status: 'open' })
      backoff.succeeded()
      if (from === undefined) reset()
      const parser = new SseParser()
      for await (const text of readText(bytes)) {
        silence?.cancel()
        silence = clock.after(silenceLimitMs, () => stream.abort())
        for (const { event: kind, data } of parser.push(text)) {
          if (kind === resetEvent) reset()
          const event = v.safeParse(apiEvent, parseJson(data))
          if (event.success) options.onEvent(event.output)
        }
        if (parser.lastEventId !== '') lastEventId = parser.lastEventId
      }
      again(new ApiError('unreachable', 'The event stream ended', { status: 0 }))
    } catch (error) {
      again(
        error instanceof ApiError
          ? error
          : new ApiError('unreachable', 'The event stream broke', { status: 0, cause: error }),
      )
    } finally {
      silence?.cancel()
    }
  }
  const again = (error: ApiError) => {
    if (ending.begun) return
    if (error.status === 401 || error.status === 403) return state.set({ status: 'refused', error })
    state.set({ status: 'waiting', error })
    retry = clock.after(backoff.failed(), begin)
  }
  const begin = () => {
    stream = new AbortController()
    void read()
  }
  const stopWaking = onWake(() => {
    if (state.value.status !== 'waiting') return
    retry?.cancel()
    begin()
  })
  const ending = new Ending(() => {
    stopWaking()
    retry?.cancel()
    stream.abort()
  })
  begin()
  return {
    state,
    close: (reason) => ending.close(reason),
    closed: ending.closed,
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** Decodes a stream of UTF-8. Not every browser can iterate a stream itself. */
async function* readText(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = bytes.getReader()
  const decoder = new TextDecoder()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield decoder.decode(next.value, { stream: true })
    }
  } finally {
    reader.releaseLock()
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
