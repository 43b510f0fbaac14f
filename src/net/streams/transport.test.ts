import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { testByteStream } from '../../../test/support/byte-stream-contract.ts'
import { testPipe } from '../../../test/support/pipe-contract.ts'
import { openPlainStream } from '../../../test/support/plain-stream.ts'
import { pass, until } from '../../../test/support/simulated-channel.ts'
import { openTransports, type TransportPair } from '../../../test/support/transport-pair.ts'
import type { PipeMessage } from '../../kernel/pipe.ts'
import { encodeDatagram } from '../../wire/native-frames/encode-frames.ts'
import type { Frame } from '../../wire/native-frames/frame.ts'
import type { ByteStream } from './byte-stream.ts'
import { pipeOnStream } from './stream-pipe.ts'
import { mostStreams } from './streams.ts'

const free = { there: { delayUs: 5000 }, seed: 1 }
const rough = {
  there: { delayUs: 15_000, rateBps: 20e6, lossRatio: 0.05, lossBurst: 3, reorderRatio: 0.05, duplicateRatio: 0.05 },
  seed: 2,
}

async function openedStream(pair: TransportPair, bulk = false): Promise<{ near: ByteStream; far: ByteStream }> {
  const { streams } = pair.heard.far
  const before = streams.length
  const near = pair.near.openStream({ bulk })
  await until(pair.clock, () => streams.length > before)
  return { near, far: streams[before] as ByteStream }
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] as number
}

for (const [name, path] of Object.entries({
  'a stream over a path without losses': free,
  'a stream over a path that loses, repeats and reorders': rough,
})) {
  testByteStream(name, async () => {
    const pair = openTransports(path)
    const streams = await openedStream(pair)
    const dispose = () => pair[Symbol.asyncDispose]()
    return { ...streams, until: (condition) => until(pair.clock, condition), [Symbol.asyncDispose]: dispose }
  })
}

testByteStream('a plain stream', async () => {
  const [near, far] = openPlainStream()
  const untilSo = async (condition: () => boolean) => {
    while (!condition()) await nextTurn()
  }
  return { near, far, until: untilSo, [Symbol.asyncDispose]: async () => {} }
})

testPipe('a pipe on a stream', async () => {
  const pair = openTransports(rough)
  const streams = await openedStream(pair)
  const [near, far] = [streams.near, streams.far].map((stream) => pipeOnStream(stream, { maxMessageBytes: 2 ** 21 }))
  if (!near || !far) throw new Error('No pipe')
  const heard: PipeMessage[] = []
  far.listen({ message: (message) => void heard.push(message), fault: () => {} })
  // What is awaited here goes on by itself.
  const over = new AbortController()
  const going = (async () => {
    while (!over.signal.aborted) await pass(pair.clock, 1)
  })()
  return {
    near,
    far: {
      send: (message) => far.send(message),
      close: (code) => far.close(code, ''),
      heard,
      closed: far.closed,
      pause: () => far.pause(),
    },
    until: async (condition) => {
      while (!condition()) await nextTurn()
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await going
      await pair[Symbol.asyncDispose]()
    },
  }
})

test('pipeOnStream tells of messages that are too long, or no messages, and ends', async () => {
  const wrong: readonly (readonly [number[], string])[] = [
    [[1, 0, 4, 1], 'too-long'],
    [[7, 0, 0, 0], 'malformed'],
    [[0, 0, 0, 2, 0xc3, 0x28], 'malformed'],
    [[2, 0, 0, 1, 1], 'malformed'],
  ]
  for (const [bytes, code] of wrong) {
    const [near, far] = openPlainStream()
    const pipe = pipeOnStream(near, { maxMessageBytes: 1024 })
    const faults: string[] = []
    pipe.listen({ message: () => assert.fail('There is no message'), fault: (fault) => void faults.push(fault) })
    void far.write(Uint8Array.from(bytes)).catch(() => {})
    assert.deepEqual(await pipe.closed, { code: undefined })
    assert.deepEqual(faults, [code])
  }
})

test('Transport carries datagrams of every kind, each once, though the path repeats and reorders', async () => {
  await using pair = openTransports({ there: { delayUs: 9000, reorderRatio: 0.2, duplicateRatio: 0.3 }, seed: 4 })
  for (let number = 0; number < 200; number++) {
    pair.near.send('video', Uint8Array.of(number), Uint8Array.of(1, 2))
    await pass(pair.clock, 1)
  }
  pair.near.send('input', Uint8Array.of(9))
  pair.near.askAgain([9, 3, 4, 3])
  pair.near.askForKey()
  await pass(pair.clock, 100)
  const { datagrams, missing, keysWanted } = pair.heard.far
  const video = datagrams.filter(({ kind }) => kind === 'video').map(({ data }) => data[0] as number)
  assert.deepEqual(
    video.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, number) => number),
  )
  assert.deepEqual([missing, keysWanted, datagrams.filter(({ kind }) => kind === 'input').length], [[3, 4, 9], 1, 1])
})

test('Transport takes a bulk stream to what the path carries, with a short queue, and a message past it', async () => {
  const rateBps = 5e6
  await using pair = openTransports({ there: { rateBps, delayUs: 15_000, queueUs: 300_000 }, seed: 5 })
  const bulk = await openedStream(pair, true)
  let came = 0
  void (async () => {
    for await (const bytes of bulk.far.incoming) came += bytes.length
  })().catch(() => {})
  void (async () => {
    for (;;) await bulk.near.write(new Uint8Array(50_000))
  })().catch(() => {})
  await pass(pair.clock, 9000)
  const [from, sent] = [came, pair.channels.near.sent]
  const urgent = await openedStream(pair)
  const arrivedMs: number[] = []
  void (async () => {
    for await (const _ of urgent.far.incoming) arrivedMs.push(pair.clock.nowMs())
  })().catch(() => {})
  const latencies: number[] = []
  for (let count = 0; count < 25; count++) {
    const sentMs = pair.clock.nowMs()
    const before = arrivedMs.length
    void urgent.near.write(new Uint8Array(200))
    await pass(pair.clock, 200)
    latencies.push((arrivedMs[before] ?? Infinity) - sentMs)
  }
  assert.ok(((came - from) * 8) / 5 > 0.75 * rateBps, `${(came - from) * 1.6}`)
  assert.ok(percentile(pair.channels.near.waitsMs.slice(sent), 0.95) < 35)
  assert.ok(percentile(latencies, 0.95) < 15 + 40, `${percentile(latencies, 0.95)}`)
})

test('Transport goes on after a path that was gone for three seconds, and what was written comes once', async () => {
  await using pair = openTransports({ there: { delayUs: 20_000, rateBps: 10e6 }, seed: 6 })
  const { near, far } = await openedStream(pair)
  const came: number[] = []
  void (async () => {
    for await (const bytes of far.incoming) came.push(...bytes)
  })().catch(() => {})
  await pass(pair.clock, 1000)
  const say = async (from: number) => {
    for (let count = 0; count < 30; count++) {
      void near.write(Uint8Array.of(from + count))
      await pass(pair.clock, 100)
    }
  }
  for (const { link } of Object.values(pair.channels)) link.conditions.lossRatio = 1
  await say(0)
  const fallenBps = pair.near.controller.targetBps
  for (const { link } of Object.values(pair.channels)) link.conditions.lossRatio = 0
  await say(30)
  await until(pair.clock, () => came.length === 60)
  assert.deepEqual(
    came,
    Array.from({ length: 60 }, (_, number) => number),
  )
  assert.ok(fallenBps < 1e6, `${fallenBps}`)
})

test('Transport says again at once by another path what was lost with the one before', async () => {
  await using pair = openTransports({ there: { delayUs: 20_000, rateBps: 10e6 }, seed: 6 })
  const { near, far } = await openedStream(pair)
  const came: number[] = []
  void (async () => {
    for await (const bytes of far.incoming) came.push(...bytes)
  })().catch(() => {})
  await pass(pair.clock, 1000)
  for (const { link } of Object.values(pair.channels)) link.conditions.lossRatio = 1
  void near.write(Uint8Array.of(7))
  // The pause between two tries has become longer than two seconds.
  await pass(pair.clock, 3500)
  for (const { link } of Object.values(pair.channels)) link.conditions.lossRatio = 0
  pair.channels.near.onPathChange()
  await pass(pair.clock, 60)
  assert.deepEqual(came, [7])
})

test('Transport begins on another path with the rate of one of which nothing is known, however much was lost with the one before', async () => {
  await using pair = openTransports({ there: { delayUs: 20_000, rateBps: 10e6 }, seed: 6 })
  const { near } = await openedStream(pair)
  await pass(pair.clock, 1000)
  for (const { link } of Object.values(pair.channels)) link.conditions.lossRatio = 1
  for (let said = 0; said < 15; said++) {
    void near.write(Uint8Array.of(said))
    await pass(pair.clock, 100)
  }
  for (const { link } of Object.values(pair.channels)) link.conditions.lossRatio = 0
  pair.channels.near.onPathChange()
  const { controller } = pair.near
  const atFirstBps = controller.targetBps
  await pass(pair.clock, 300)
  assert.ok(controller.targetBps >= atFirstBps, `${controller.targetBps} of ${atFirstBps} bit/s`)
})

test('Transport opens as many streams as the other end takes, and another one when one is over', async () => {
  await using pair = openTransports(free)
  const all = Array.from({ length: mostStreams }, () => pair.near.openStream())
  assert.throws(() => pair.near.openStream(), { code: 'too-many' })
  await until(pair.clock, () => pair.heard.far.streams.length === mostStreams)
  const { streams } = pair.heard.far
  for (const stream of [all[2], streams[2]]) {
    void (async () => {
      for await (const _ of (stream as ByteStream).incoming);
    })()
    void stream?.finish()
  }
  await pass(pair.clock, 200)
  pair.near.openStream()
  await until(pair.clock, () => streams.length === mostStreams + 1)
  all[0]?.reset(1)
  await pass(pair.clock, 200)
  pair.far.openStream()
  pair.near.openStream()
})

test('Transport says nothing when there is nothing to say', async () => {
  await using pair = openTransports(free)
  const { near, far } = await openedStream(pair)
  void near.write(Uint8Array.of(1))
  void (async () => {
    for await (const _ of far.incoming) break
  })()
  await pass(pair.clock, 3000, 10)
  const sent = [pair.channels.near.sent, pair.channels.far.sent]
  await pass(pair.clock, 20_000, 10)
  assert.deepEqual([pair.channels.near.sent, pair.channels.far.sent], sent)
  assert.equal(pair.clock.pending, 0)
})

test('Transport ends its streams with it, at both ends, and leaves nothing behind', async () => {
  const pair = openTransports(free)
  const { near, far } = await openedStream(pair)
  const writing = near.write(new Uint8Array(1e6)).catch((error: { code: string }) => error.code)
  void pair.near.close('done')
  assert.equal(await writing, 'closed')
  await pass(pair.clock, 50)
  assert.deepEqual(await pair.far.closed, { kind: 'clean', reason: 'closed: done' })
  await assert.rejects(far.finish(), { code: 'closed' })
  assert.throws(() => pair.near.openStream(), { code: 'closed' })
  assert.equal(pair.near.send('audio', Uint8Array.of(1)), 0)
  await pass(pair.clock, 5000, 10)
  assert.equal(pair.clock.pending, 0)
})

test('Transport ends with whoever breaks the rules, and says which', async () => {
  const window = 2 ** 18
  const data = new Uint8Array(1)
  const broken: Readonly<Record<string, Frame>> = {
    'acknowledges what was never sent': { type: 'acknowledged', ranges: [{ first: 0, last: 99 }], delayUs: 0 },
    'writes beyond the window': { type: 'stream', stream: 0, offset: window, data, fin: false },
    'opens one stream too many': { type: 'stream', stream: 4 * mostStreams, offset: 0, data, fin: false },
    'speaks of a stream that was not opened': { type: 'max-stream-data', stream: 1, bytes: 1 },
    'speaks of a stream that cannot be': { type: 'stream', stream: 2, offset: 0, data, fin: false },
    'gives up more than was allowed': { type: 'reset', stream: 0, code: 0, bytes: 2 ** 40 },
  }
  for (const [what, frame] of Object.entries(broken)) {
    await using pair = openTransports(free)
    pair.channels.near.send(encodeDatagram(0, [frame], 1200))
    await pass(pair.clock, 20)
    const end = await pair.far.closed
    assert.equal(end.kind === 'error' && (end.error as { code?: string }).code, 'violation', what)
  }
  await using pair = openTransports(free)
  pair.channels.near.send(Uint8Array.of(0, 0x1f))
  await pass(pair.clock, 20)
  assert.equal((await pair.far.closed).kind, 'error')
})

test('Transport keeps no more of a stream with gaps than its window, and does not acknowledge what it cannot keep', async () => {
  await using pair = openTransports(free)
  // Nobody is there who would wonder about the answers.
  pair.channels.near.onDatagram = () => {}
  for (let number = 0; number < 2000; number++) {
    const frame: Frame = { type: 'stream', stream: 0, offset: 1 + 2 * number, data: new Uint8Array(1), fin: false }
    pair.channels.near.send(encodeDatagram(number, [frame], 1200))
  }
  await pass(pair.clock, 100)
  const { streams } = pair.heard.far
  assert.equal(streams.length, 1)
  let read = 0
  void (async () => {
    for await (const bytes of (streams[0] as ByteStream).incoming) read += bytes.length
  })().catch(() => {})
  const filling: Frame = { type: 'stream', stream: 0, offset: 0, data: new Uint8Array(1), fin: false }
  pair.channels.near.send(encodeDatagram(2000, [filling], 1200))
  await pass(pair.clock, 100)
  assert.equal(read, 2)
})
