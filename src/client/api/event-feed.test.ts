import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { until } from '../../kernel/readable.ts'
import { ApiError } from './api-error.ts'
import { openEventFeed } from './event-feed.ts'

function feeding(
  answer: (attempt: number) => ApiError | undefined = () => undefined,
  onReset: () => Promise<void> = async () => {},
) {
  const clock = new ManualClock()
  const events: unknown[] = []
  const from: (string | undefined)[] = []
  let resets = 0
  let attempts = 0
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined
  let wake = () => {}
  const feed = openEventFeed({
    api: {
      async events(signal, lastEventId) {
        from.push(lastEventId)
        const refusal = answer(attempts++)
        if (refusal) throw refusal
        return new ReadableStream<Uint8Array>({
          start(controller) {
            stream = controller
            signal.addEventListener('abort', () => controller.error(signal.reason))
          },
        })
      },
    },
    onEvent: (event) => events.push(event),
    onReset() {
      resets++
      return onReset()
    },
    clock,
    random: () => 0.5,
    onWake(listener) {
      wake = listener
      return () => {}
    },
  })
  const say = (text: string) => stream?.enqueue(new TextEncoder().encode(text))
  const status = (wanted: string) => until(feed.state, (state) => state.status === wanted)
  return {
    clock,
    feed,
    events,
    say,
    status,
    end: () => stream?.close(),
    wake: () => wake(),
    resets: () => resets,
    from,
  }
}

/** Lets streams and promises come to rest. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('openEventFeed passes on known events and leaves out the rest', async () => {
  const { feed, events, say, status } = feeding()
  await status('open')
  say(
    'data: {"type":"lobby-ended","lobbyId":"l1","reason":"stopped"}\n\n: beat\n\ndata: {"type":"news"}\n\ndata: {\n\n',
  )
  await settle()
  assert.deepEqual(events, [{ type: 'lobby-ended', lobbyId: 'l1', reason: 'stopped' }])
  await feed.close()
})

test('openEventFeed opens a stream that ended again, and asks anew where it has no id to go on from', async () => {
  const { clock, feed, status, end, resets } = feeding()
  await status('open')
  end()
  await status('waiting')
  clock.advance(500)
  await status('open')
  assert.equal(resets(), 2)
  await feed.close()
})

test('openEventFeed waits longer from try to try, and not at all after a wake-up', async () => {
  const gone = new ApiError('unreachable', 'gone', { status: 0 })
  const { clock, feed, status, wake } = feeding((attempt) => (attempt < 2 ? gone : undefined))
  await status('waiting')
  clock.advance(500)
  await settle()
  assert.equal(feed.state.value.status, 'waiting')
  clock.advance(999)
  await settle()
  assert.equal(feed.state.value.status, 'waiting')
  wake()
  await status('open')
  await feed.close()
})

test('openEventFeed gives up on a stream that fell silent', async () => {
  const { clock, feed, say, status } = feeding()
  await status('open')
  for (let beat = 0; beat < 3; beat++) {
    say(': beat\n\n')
    await settle()
    clock.advance(44_999)
    await settle()
  }
  assert.equal(feed.state.value.status, 'open')
  clock.advance(1)
  await status('waiting')
  await feed.close()
})

test('openEventFeed stops at a refusal', async () => {
  const { clock, feed, status } = feeding(() => new ApiError('unauthenticated', 'no', { status: 401 }))
  await status('refused')
  assert.equal(clock.pending, 0)
  await feed.close()
})

test('openEventFeed leaves nothing behind when it is closed', async () => {
  const { clock, feed, say, status } = feeding()
  await status('open')
  say(': beat\n\n')
  await settle()
  await feed.close()
  await settle()
  assert.equal(clock.pending, 0)
})

test('openEventFeed goes on after the last id, and asks anew only when it is told to', async () => {
  const { clock, feed, say, end, status, resets, from } = feeding()
  const cut = async () => {
    await settle()
    end()
    await status('waiting')
    clock.advance(15_000)
    await status('open')
  }
  await status('open')
  say(': welcome\n\nid: a-1\n\n')
  await cut()
  say('id: a-2\ndata: {"type":"session-ended","sessionId":"s"}\n\nid: a-3\ndata: {"type"')
  await cut()
  assert.deepEqual([resets(), from], [1, [undefined, 'a-1', 'a-2']])
  say('event: reset\nid: b-1\ndata: {}\n\n')
  await cut()
  assert.deepEqual([resets(), from.at(-1)], [2, 'b-1'])
  await feed.close()
})

test('openEventFeed does not go on from where nothing could be asked for', async () => {
  const failing = [true, false]
  const { clock, feed, say, end, status, resets, from } = feeding(undefined, async () => {
    if (failing.shift()) throw new Error('cut off')
  })
  for (let round = 0; round < 3; round++) {
    await status('open')
    say('id: a-1\n\n')
    await settle()
    end()
    await status('waiting')
    clock.advance(15_000)
  }
  await status('open')
  assert.deepEqual([resets(), from], [2, [undefined, undefined, 'a-1', 'a-1']])
  await feed.close()
})
