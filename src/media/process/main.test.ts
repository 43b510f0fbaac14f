import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encodeControl } from '../../os/child/frame.ts'
import { FrameSplitter } from '../../os/child/frame-splitter.ts'
import { decodeTimeBarcode } from '../test-pattern/time-barcode.ts'
import { PictureDecoder } from '../testing/picture-decoder.ts'
import type { Order } from '../link/messages.ts'
import { decodeVideo, type VideoFrame, videoType } from '../link/protocol.ts'

const spec = { kind: 'test-pattern', width: 1280, height: 720, fps: 60, title: '', lines: [], tone: undefined } as const

/** A media process whose server is the test. */
function start(): { child: ChildProcess; channel: Duplex; order: (order: Order) => void } {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const channel = child.stdio[3]
  assert.ok(channel instanceof Duplex)
  return { child, channel, order: (order) => channel.write(encodeControl(order)) }
}

/** Decodes to pictures that show the times of their captures: none has lost what it builds upon. */
function assertDecodable(pictures: readonly VideoFrame[]): void {
  using decoder = new PictureDecoder('h264')
  let offsetMs: number | undefined
  for (const { unit } of pictures) {
    const time = decodeTimeBarcode(decoder.decode(unit))
    assert.ok(time !== undefined)
    const captureMs = unit.captureUs / 1000
    offsetMs ??= time - captureMs
    assert.ok(Math.abs(time - captureMs - offsetMs) < 30, 'a picture shows another time')
  }
}

test('a server that does not read costs a gap that decodes on, and little memory', async () => {
  const { child, channel, order } = start()
  const gone = once(child, 'exit')
  const pictures: VideoFrame[] = []
  const splitter = new FrameSplitter((type, body) => {
    if (type === videoType) pictures.push(decodeVideo(body))
  })
  channel.on('data', (chunk: Buffer) => splitter.push(chunk))
  const until = async (done: () => boolean) => {
    while (!done()) await once(channel, 'data')
    channel.pause()
  }
  order({ type: 'open-source', source: 1, spec })
  for (const rendition of [1, 2, 3]) {
    const rich = { codec: 'h264', size: 1, fps: 60, bitrateBps: 60e6 } as const
    order({ type: 'add-rendition', source: 1, rendition, spec: rich })
  }
  await until(() => pictures.length > 20)
  const before = pictures.length
  // Only time can show that a queue does not grow.
  await delay(4_000)
  channel.resume()
  const own = (rendition: number) => pictures.filter((picture) => picture.rendition === rendition)
  const gapIn = (rendition: number) => {
    const units = own(rendition).map(({ unit }) => unit)
    return units.findIndex(({ captureUs }, index) => captureUs - (units[index - 1]?.captureUs ?? Infinity) > 500_000)
  }
  await until(() =>
    [1, 2, 3].every((rendition) => gapIn(rendition) >= 0 && own(rendition).length > gapIn(rendition) + 5),
  )
  const waited = pictures.slice(before).filter((_, index) => index < pictures.length - 20)
  const waitedBytes = waited.reduce((sum, { unit }) => sum + unit.data.length, 0)
  assert.ok(waitedBytes < 2_500_000, `${waitedBytes} bytes had waited`)
  for (const rendition of [1, 2, 3]) assertDecodable(own(rendition))
  channel.destroy()
  await gone
})

test('the process ends by itself when its server goes or talks nonsense', async () => {
  const orphan = start()
  orphan.order({ type: 'open-source', source: 1, spec })
  await once(orphan.channel, 'data')
  orphan.channel.destroy()
  assert.deepEqual(await once(orphan.child, 'exit'), [0, null])
  const confused = start()
  await once(confused.channel, 'data')
  confused.channel.write(encodeControl({ type: 'dance' }))
  assert.deepEqual(await once(confused.child, 'exit'), [1, null])
})
