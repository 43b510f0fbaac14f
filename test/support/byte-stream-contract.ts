import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import type { ByteStream } from '../../src/net/streams/byte-stream.ts'
import { StreamError } from '../../src/net/streams/stream-error.ts'

interface StreamPair extends AsyncDisposable {
  readonly near: ByteStream
  readonly far: ByteStream
  /** Lets time pass until this is so. */
  readonly until: (condition: () => boolean) => Promise<void>
}

/** What is true of every stream of bytes, whatever carries it. */
export function testByteStream(name: string, openPair: () => Promise<StreamPair>): void {
  test(`${name} carries every byte both ways, in order, and the end of each way by itself`, async () => {
    await using pair = await openPair()
    const { near, far, until } = pair
    const [there, back] = [scripted(300_000, 1), scripted(70_000, 2)]
    const [atFar, atNear] = [gather(far), gather(near)]
    void writeInPieces(near, there, 7777).then(() => near.finish())
    await until(() => atFar.isOver)
    assert.deepEqual(atFar.bytes(), there)
    assert.equal(atNear.isOver, false)
    void writeInPieces(far, back, 1).then(() => far.finish())
    await until(() => atNear.isOver)
    assert.deepEqual(atNear.bytes(), back)
    let ends: unknown
    void Promise.all([near.closed, far.closed]).then((both) => (ends = both.map(({ kind }) => kind)))
    await until(() => ends !== undefined)
    assert.deepEqual(ends, ['clean', 'clean'])
  })

  test(`${name} resolves finish when all has come, also of nothing`, async () => {
    await using pair = await openPair()
    const { near, far, until } = pair
    const came = gather(far)
    let isFinished = false
    void near.finish().then(() => (isFinished = true))
    await until(() => isFinished && came.isOver)
    assert.equal(came.bytes().length, 0)
    await assert.rejects(near.write(Uint8Array.of(1)), { code: 'finished' })
  })

  test(`${name} holds a writer back while nobody reads, keeps no more than its windows, and loses nothing of it`, async () => {
    await using pair = await openPair()
    const { near, far, until } = pair
    const all = scripted(2_000_000, 3)
    let written = 0
    let isFinished = false
    void (async () => {
      for (let at = 0; at < all.length; at += 10_000) {
        await near.write(all.subarray(at, at + 10_000))
        written = at + 10_000
      }
      await near.finish()
      isFinished = true
    })()
    let ticks = 0
    await until(() => ++ticks > 2000)
    assert.ok(written < 1_000_000, `${written}`)
    const came = gather(far)
    await until(() => came.isOver && isFinished)
    assert.deepEqual(came.bytes(), all)
  })

  test(`${name} that is given up tells both ends, and nothing more is taken`, async () => {
    await using pair = await openPair()
    const { near, far, until } = pair
    const [atFar, atNear] = [gather(far), gather(near)]
    void near.write(scripted(1000, 4)).catch(() => {})
    await until(() => atFar.bytes().length === 1000)
    near.reset(7)
    await assert.rejects(near.write(Uint8Array.of(1)), StreamError)
    await until(() => atFar.isOver && atNear.isOver)
    assert.equal(atFar.code, 'reset')
    assert.equal(atNear.code, 'finished')
    let failed = 0
    void far.write(Uint8Array.of(1)).catch(() => failed++)
    await until(() => failed === 1)
    const [one, other] = await Promise.all([near.closed, far.closed])
    assert.deepEqual([one.kind, other.kind], ['error', 'error'])
  })

  test(`${name} tells a writer that nobody reads any more`, async () => {
    await using pair = await openPair()
    const { near, far, until } = pair
    void (async () => {
      for await (const _ of far.incoming) break
    })()
    let code: string | undefined
    void (async () => {
      try {
        for (;;) await near.write(scripted(5000, 5))
      } catch (error) {
        code = (error as StreamError).code
      }
    })()
    await until(() => code !== undefined)
    assert.equal(code, 'stopped')
  })
}

/** Reads all of it. */
function gather(stream: ByteStream): { isOver: boolean; code: string | undefined; bytes: () => Uint8Array } {
  const chunks: Uint8Array[] = []
  const gathered = {
    isOver: false,
    code: undefined as string | undefined,
    bytes: () => Uint8Array.from(Buffer.concat(chunks)),
  }
  void (async () => {
    try {
      for await (const chunk of stream.incoming) chunks.push(chunk)
    } catch (error) {
      gathered.code = (error as StreamError).code
    }
    gathered.isOver = true
  })()
  return gathered
}

/** Pieces of odd sizes, not waiting for each other. */
async function writeInPieces(stream: ByteStream, bytes: Uint8Array, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const writes: Promise<void>[] = []
  for (let at = 0; at < bytes.length;) {
    const length = Math.floor(1 + random() * 9000)
    writes.push(stream.write(bytes.subarray(at, at + length)))
    at += length
  }
  await Promise.all(writes)
}

function scripted(bytes: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length: bytes }, () => random() * 256)
}
