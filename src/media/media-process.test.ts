import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { silentLog } from '../kernel/log.ts'
import { until } from '../kernel/readable.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import { MediaError } from './contract/media-error.ts'
import { openMediaProcess } from './media-process.ts'
import type { SourceSpec } from './contract/producer.ts'
import { barcodeAgeMs, decodeTimeBarcode } from './test-pattern/time-barcode.ts'
import { CollectingSink } from './testing/collecting-sink.ts'
import { PictureDecoder } from './testing/picture-decoder.ts'

const card = {
  kind: 'test-pattern',
  width: 640,
  height: 360,
  fps: 30,
  title: 'Under test',
  lines: ['One line'],
  tone: 'stereo',
} as const satisfies SourceSpec

const open = () => openMediaProcess({ name: 'test', log: silentLog })
const isLive = ({ status }: { status: string }) => status === 'live'

test('openMediaProcess reports what it found of every encoder, with a working one for each codec', async () => {
  await using process = await open()
  const encoders = await until(process.encoders, (value) => value.length > 0)
  for (const codec of ['h264', 'vp8'] satisfies VideoCodec[]) {
    assert.ok(
      encoders.some((encoder) => encoder.codec === codec && encoder.available),
      `no encoder for ${codec}`,
    )
  }
  for (const { name, reason } of encoders) assert.notEqual(reason, '', `${name} has no reason`)
})

for (const codec of ['h264', 'vp8'] satisfies VideoCodec[]) {
  test(`a test pattern shows the time of its capture when decoded from ${codec}`, async () => {
    await using process = await open()
    const sink = new CollectingSink()
    process.addProducer('card', card).watch({ codecs: [codec], bitrateBps: 2_000_000, audio: false }, sink)
    await sink.picture(() => true, 9)
    using decoder = new PictureDecoder(codec)
    const [first] = sink.pictures
    assert.ok(first?.key)
    let before = -Infinity
    for (const unit of sink.pictures.slice(0, 10)) {
      assert.equal(unit.codec, codec)
      const time = decodeTimeBarcode(decoder.decode(unit))
      assert.ok(time !== undefined, 'the barcode could not be read')
      const age = barcodeAgeMs(time, Date.now())
      assert.ok(age >= 0 && age < 20_000, `it is ${age} ms old`)
      assert.ok(unit.captureUs > before && unit.encodedUs > unit.captureUs)
      before = unit.captureUs
    }
  })
}

test('units come again, beginning with a key picture, when the media process is killed', async () => {
  await using process = await open()
  const producer = process.addProducer('card', card)
  const sink = new CollectingSink()
  producer.watch({ codecs: ['h264'], bitrateBps: 2_000_000, audio: true }, sink)
  await sink.picture(() => true, 3)
  const first = process.pid.value
  assert.ok(first !== undefined)
  globalThis.process.kill(first, 'SIGKILL')
  const down = await until(producer.state, ({ status }) => status === 'down')
  assert.ok(down.status === 'down' && down.reason.includes('SIGKILL'))
  const before = sink.pictures.length
  await until(producer.state, isLive)
  const unit = await sink.picture(() => true, before)
  assert.ok(unit.key)
  assert.ok((process.pid.value ?? first) !== first)
  await sink.sound(() => true, sink.sounds.length)
  assert.equal(process.restarts, 1)
  assert.equal(producer.statistics.restarts, 1)
})

test('a media process is in a process group of its own, so that Ctrl+C reaches the server alone', async () => {
  await using process = await open()
  const pid = process.pid.value
  const groupId = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]
  assert.equal(Number(groupId), pid)
})

test('a media process that hangs is killed and started again', async () => {
  await using process = await open()
  const producer = process.addProducer('card', card)
  await until(producer.state, isLive)
  const first = process.pid.value
  assert.ok(first !== undefined)
  globalThis.process.kill(first, 'SIGSTOP')
  const down = await until(producer.state, ({ status }) => status === 'down')
  assert.ok(down.status === 'down' && down.reason.includes('stopped'))
  await until(producer.state, isLive)
  assert.throws(() => globalThis.process.kill(first, 0), { code: 'ESRCH' })
})

test('nothing is encoded while nobody watches, and a second viewer begins with a key picture', async () => {
  await using process = await open()
  const producer = process.addProducer('card', card)
  await until(producer.state, isLive)
  assert.equal(producer.statistics.unitsEncoded, 0)
  const [one, two] = [new CollectingSink(), new CollectingSink()]
  const request = { codecs: ['h264'], bitrateBps: 2_000_000, audio: false } as const
  const watch = producer.watch(request, one)
  await one.picture(() => true, 2)
  producer.watch(request, two).setBitrate(1_999_999)
  assert.ok((await two.picture()).key)
  watch.close()
  const seen = one.pictures.length
  await two.picture(() => true, two.pictures.length + 2)
  assert.equal(one.pictures.length, seen)
})

test('a rate too low for the size gives smaller pictures, in one stream that decodes on', async () => {
  await using process = await open()
  const sink = new CollectingSink()
  const watch = process
    .addProducer('card', { ...card, width: 1280, height: 720 })
    .watch({ codecs: ['h264'], bitrateBps: 2_000_000, audio: false }, sink)
  await sink.picture(() => true, 3)
  watch.setBitrate(200_000)
  const small = await sink.picture(({ width }) => width === 640)
  assert.ok(small.key)
  assert.deepEqual(
    { ...watch.rendition.value, content: undefined },
    { codec: 'h264', encoder: 'libx264', width: 640, height: 360, fps: 30, bitrateBps: 200_000, content: undefined },
  )
  await sink.picture(() => true, sink.pictures.length + 14)
  using decoder = new PictureDecoder('h264')
  const switched = sink.pictures.indexOf(small)
  for (const [index, unit] of sink.pictures.entries()) {
    const image = decoder.decode(unit)
    assert.deepEqual([image.width, image.height], [unit.width, unit.height])
    // The encoder that begins with so few bits is coarse for three pictures.
    const isReadable = index < switched || index >= switched + 3
    if (isReadable) assert.notEqual(decodeTimeBarcode(image), undefined, `picture ${index - switched} from the switch`)
  }
})

test('setLines changes the card', async () => {
  await using process = await open()
  const producer = process.addProducer('card', card)
  const sink = new CollectingSink()
  producer.watch({ codecs: ['h264'], bitrateBps: 4_000_000, audio: false }, sink)
  await sink.picture(() => true, 5)
  using decoder = new PictureDecoder('h264')
  const brightness = () => {
    const image = decoder.decode(sink.pictures[decoded++] ?? assert.fail('no picture'))
    let sum = 0
    for (let y = 60; y < 110; y++) for (let x = 36; x < 450; x++) sum += image.data[(y * image.width + x) * 4 + 1] ?? 0
    return sum
  }
  let decoded = 0
  const before = brightness()
  producer.setLines(
    '',
    Array.from({ length: 9 }, () => 'x'.repeat(1000)),
  )
  for (let tries = 0; tries < 60; tries++) {
    await sink.picture(() => true, decoded)
    if (brightness() < before * 0.6) return
  }
  assert.fail('the title is still there')
})

test('addProducer refuses an id that is taken and a source that cannot be', async () => {
  await using process = await open()
  const producer = process.addProducer('card', card)
  assert.throws(
    () => process.addProducer('card', card),
    new MediaError('producer-exists', 'Cannot add a producer: there is a "card" already'),
  )
  assert.throws(() => process.addProducer('other', { ...card, width: 0 }), { code: 'bad-source' })
  await producer.close()
  await process.addProducer('card', card).close()
})

test('closing a media process ends its producers and the child, and resolves when it is gone', async () => {
  const process = await open()
  const producer = process.addProducer('card', card)
  const sink = new CollectingSink()
  producer.watch({ codecs: ['h264'], bitrateBps: 2_000_000, audio: true }, sink)
  await sink.picture()
  const pid = process.pid.value ?? assert.fail('no process')
  await process.close('over')
  assert.throws(() => globalThis.process.kill(pid, 0), { code: 'ESRCH' })
  assert.deepEqual(await process.closed, { kind: 'clean', reason: 'over' })
  assert.equal((await producer.closed).kind, 'clean')
  assert.equal((await process.addProducer('late', card).closed).kind, 'clean')
})
