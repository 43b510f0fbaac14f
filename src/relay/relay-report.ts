import * as v from 'valibot'
import { Backoff } from '../kernel/backoff.ts'
import { sleep, type Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { Ending, type Closable } from '../kernel/ending.ts'
import type { Log } from '../kernel/log.ts'
import { tokenAnswer } from '../wire/party/calls.ts'
import type { RelayInfo } from '../wire/party/records.ts'

/** As much of `fetch` as is used. */
type Ask = (
  url: URL,
  init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly signal: AbortSignal
  },
) => Promise<Response>

/** What keeps a relay's token, so that it is the same relay after a restart. */
export interface KeptToken {
  read(): string | undefined
  write(token: string): void
}

const periodMs = 30_000
const timeoutMs = 10_000
/** Of the control plane's 24 hours, long before they are over. */
const renewMs = 12 * 3_600_000
const retrying = { baseDelayMs: 1000, maxDelayMs: periodMs, jitterFactor: 0.3, healthyAfterMs: 2 * periodMs }

/**
 * Tells a control plane every 30 s that a relay is there and how many sessions it has, and at the end that it is gone. A control
 * plane that does not answer is told in the log, once until it does, and tried again; the relay goes on.
 */
export function openRelayReport(options: {
  /** Of the control plane: `https://party.example.org`. */
  url: string
  relay: Omit<RelayInfo, 'sessions'>
  sessions: () => number
  token: KeptToken
  clock: Clock
  log: Log
  random?: () => number
  fetch?: Ask
}): Closable {
  const { url, relay, sessions, token, clock, log, random = Math.random, fetch: ask = fetch } = options
  const stopping = new AbortController()
  const backoff = new Backoff(retrying, clock, random)
  let registeredMs = -Infinity
  let isFailing = false

  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const bearer = token.read()
    const response = await ask(new URL(path, url.endsWith('/') ? url : `${url}/`), {
      method,
      headers: {
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.ok) return response
    if (response.status === 401) registeredMs = -Infinity
    const problem = (await response.json().catch(() => ({}))) as { readonly detail?: unknown }
    const detail = typeof problem.detail === 'string' ? problem.detail : ''
    throw new Error(`${method} /${path.split('?', 1)[0]}: ${response.status} ${detail}`.trim())
  }
  const report = async () => {
    if (clock.nowMs() - registeredMs >= renewMs) {
      const response = await call('POST', `auth/register?peer_id=${relay.relay_id}`)
      token.write(v.parse(tokenAnswer, await response.json()).token)
      registeredMs = clock.nowMs()
    }
    await call('POST', 'relays', { ...relay, sessions: sessions() } satisfies RelayInfo)
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      let waitMs = periodMs
      try {
        await report()
        backoff.succeeded()
        if (isFailing) log.info('The control plane knows of this relay again', { url })
        isFailing = false
      } catch (error) {
        waitMs = backoff.failed()
        if (!isFailing)
          log.warn('The control plane is not told of this relay; it is tried again', { url, error: messageOf(error) })
        isFailing = true
      }
      await sleep(clock, waitMs, stopping.signal).catch(() => {})
    }
  }
  const running = run()
  const ending = new Ending(async () => {
    stopping.abort()
    await running
    // Who asks for relays hears of it at once, and not after 90 s.
    if (!isFailing) await call('DELETE', `relays/${relay.relay_id}`).catch(() => {})
  })
  return {
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
