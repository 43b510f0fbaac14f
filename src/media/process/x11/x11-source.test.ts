import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from 'node-av/constants'
import type { XTest } from 'x11'
import { sleep, systemClock } from '../../../kernel/clock.ts'
import { silentLog } from '../../../kernel/log.ts'
import { until } from '../../../kernel/readable.ts'
import { openMediaProcess } from '../../media-process.ts'
import { monotonicUs } from '../../contract/monotonic.ts'
import type { Producer, ProducerState, SourceSpec } from '../../contract/producer.ts'
import { stillPeriodMs } from '../../still-desk.ts'
import { CollectingSink } from '../../testing/collecting-sink.ts'
import { PictureDecoder, pixelAt } from '../../testing/picture-decoder.ts'
import { PrivateDisplay } from '../../testing/private-display.ts'
import { DisplayLink } from './display-link.ts'

const request = { codecs: ['h264'], bitrateBps: 4_000_000, audio: false } as const

function specFor({ name, authorityFile }: PrivateDisplay): SourceSpec {
  return { kind: 'x11', display: name, authorityFile, fps: 60, sound: undefined }
}

const open = () => openMediaProcess({ name: 'test', log: silentLog })
const isLive = ({ status }: ProducerState) => status === 'live'
const isDown = (state: ProducerState): state is Extract<ProducerState, { status: 'down' }> => state.status === 'down'

/** Decodes what a sink collects, in order, until a picture satisfies. */
class Eye implements Disposable {
  readonly #sink: CollectingSink
  readonly #decoder = new PictureDecoder('h264')
  #seen = 0

  constructor(sink: CollectingSink) {
    this.#sink = sink
  }

  get description() {
    return this.#decoder.description
  }

  /** Resolves with the size of the first picture with about this colour at a place. */
  async sees(
    x: number,
    y: number,
    color: readonly [number, number, number],
  ): Promise<{ width: number; height: number }> {
    for (;;) {
      const unit = await this.#sink.picture(() => true, this.#seen++)
      const image = this.#decoder.decode(unit)
      if (pixelAt(image, x, y).every((value, index) => Math.abs(value - (color[index] ?? 0)) <= 6)) return image
    }
  }

  [Symbol.dispose](): void {
    this.#decoder[Symbol.dispose]()
  }
}

/** The first picture after which the screen rested for most of a second. */
async function rest(sink: CollectingSink): Promise<void> {
  const isSlow = (index: number) => {
    const [before, after] = [sink.pictures[index - 1], sink.pictures[index]]
    return before !== undefined && after !== undefined && after.captureUs - before.captureUs > 900_000
  }
  await sink.picture((unit) => isSlow(sink.pictures.indexOf(unit)))
}

test('decoded pictures have the colours of the screen, and say that they are BT.709 of limited range', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  const sink = new CollectingSink()
  process.addProducer('screen', specFor(display)).watch(request, sink)
  using eye = new Eye(sink)
  const colors = {
    '#c04020': [192, 64, 32],
    '#20a0f0': [32, 160, 240],
    '#10c030': [16, 192, 48],
    '#ffffff': [255, 255, 255],
  } as const
  for (const [name, color] of Object.entries(colors)) {
    await display.client('xsetroot', '-solid', name)
    assert.deepEqual(sizeOf(await eye.sees(20, 20, color)), { width: 640, height: 360 })
    await eye.sees(620, 340, color)
  }
  assert.equal(eye.description.colorSpace, AVCOL_SPC_BT709)
  assert.equal(eye.description.colorRange, AVCOL_RANGE_MPEG)
})

test('a screen at rest is encoded about once a second, and a key picture of it comes at once', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  const sink = new CollectingSink()
  const producer = process.addProducer('screen', specFor(display))
  const watch = producer.watch(request, sink)
  await rest(sink)
  const askedUs = monotonicUs()
  const before = sink.pictures.length
  watch.requestKeyframe()
  const key = await sink.picture(() => true, before)
  assert.ok(key.key)
  assert.ok(key.captureUs - askedUs < 300_000, `it took ${key.captureUs - askedUs} µs`)
})

test('a screen at rest becomes sharp at a low rate, also for one who joins later', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  await display.client('xsetroot', '-mod', '16', '16', '-fg', 'white', '-bg', 'black')
  const producer = process.addProducer('screen', specFor(display))
  for (let viewer = 0; viewer < 2; viewer++) {
    const sink = new CollectingSink()
    producer.watch({ ...request, bitrateBps: 700_000 }, sink)
    await rest(sink)
    using decoder = new PictureDecoder('h264')
    const image = sink.pictures.map((unit) => decoder.decode(unit)).at(-1) ?? assert.fail('no picture')
    let worst = 0
    for (let x = 64; x < 128; x++) {
      const shades = Array.from({ length: 16 }, (_, y) => pixelAt(image, x, 64 + y)[1])
      for (const shade of shades) worst = Math.max(worst, Math.min(shade, 255 - shade))
    }
    assert.ok(worst < 60, `a pixel is ${worst} away from black and white`)
  }
})

test('the pointer is drawn, and its motion alone makes new pictures', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  const sink = new CollectingSink()
  await display.client('xsetroot', '-solid', '#4060a0', '-cursor_name', 'left_ptr')
  process.addProducer('screen', specFor(display)).watch(request, sink)
  await rest(sink)
  const before = sink.pictures.length
  const options = { display: display.name, authorityFile: display.authorityFile, clock: systemClock }
  const link = await DisplayLink.open({ ...options, onEvent() {}, onEnd() {} })
  const xtest = await link.ask<XTest>((answer) => link.client.require('xtest', answer))
  const movedUs = monotonicUs()
  xtest.FakeInput(xtest.MotionNotify, 0, 0, link.root, 100, 100)
  const moved = await sink.picture(() => true, before)
  assert.ok(moved.captureUs - movedUs < 500_000, `it took ${moved.captureUs - movedUs} µs`)
  using decoder = new PictureDecoder('h264')
  let shown: number[][] = []
  for (const unit of sink.pictures) {
    const image = decoder.decode(unit)
    shown = Array.from({ length: 8 }, (_, offset) => pixelAt(image, 100 + offset, 100 + offset))
  }
  assert.ok(
    shown.some(([red = 0]) => Math.abs(red - 64) > 30),
    `no pointer in ${JSON.stringify(shown)}`,
  )
  link.close()
})

test('a screen that changes its size goes on in the new one, beginning with a key picture', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  const sink = new CollectingSink()
  const producer = process.addProducer('screen', specFor(display))
  producer.watch(request, sink)
  using eye = new Eye(sink)
  await sink.picture()
  const steps = [
    { screen: [800, 602], picture: { width: 800, height: 602 }, name: '#c04020', color: [192, 64, 32] },
    { screen: [401, 303], picture: { width: 400, height: 302 }, name: '#20a0f0', color: [32, 160, 240] },
  ] as const
  for (const { screen, picture, name, color } of steps) {
    const [width, height] = screen
    await display.resize(width, height)
    const first = await sink.picture((unit) => unit.width === picture.width && unit.height === picture.height)
    assert.ok(first.key)
    assert.deepEqual(producer.state.value, { status: 'live', ...picture, fps: 60 })
    await display.client('xsetroot', '-solid', name)
    assert.deepEqual(sizeOf(await eye.sees(picture.width - 5, picture.height - 5, color)), picture)
  }
})

test('a producer is down, with the reason, when its display is killed, hangs or cannot be opened', async () => {
  await using process = await open()
  await using killed = await PrivateDisplay.open(640, 360)
  await using hung = await PrivateDisplay.open(640, 360)
  const one = process.addProducer('killed', specFor(killed))
  const two = process.addProducer('hung', specFor(hung))
  const sinks = [new CollectingSink(), new CollectingSink()] as const
  one.watch(request, sinks[0])
  two.watch(request, sinks[1])
  await Promise.all(sinks.map((sink) => sink.picture()))
  killed.kill('SIGKILL')
  assert.match((await until(one.state, isDown)).reason, /has ended/)
  hung.kill('SIGSTOP')
  assert.match((await until(two.state, isDown)).reason, /does not answer/)
  await using refused = await PrivateDisplay.open(640, 360)
  await rm(refused.authorityFile)
  const three = process.addProducer('refused', specFor(refused))
  assert.match((await until(three.state, isDown)).reason, /cookie/)
  const card = { width: 320, height: 180, fps: 30, title: '', lines: [], tone: undefined } as const
  await until(process.addProducer('other', { kind: 'test-pattern', ...card }).state, isLive)
  assert.equal(process.restarts, 0)
})

function sizeOf({ width, height }: { width: number; height: number }): { width: number; height: number } {
  return { width, height }
}

test('a still of an unwatched screen follows what is drawn there, and costs nothing while nothing is', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  await display.client('xsetroot', '-solid', '#c84028')
  const producer = process.addProducer('screen', specFor(display))
  await until(producer.state, isLive)
  using decoder = new PictureDecoder('mjpeg')
  const colourNow = async () => {
    const still = (await producer.still()) ?? assert.fail('there is a still')
    return { still, colour: pixelAt(decoder.decode({ data: still.jpeg }), 200, 100) }
  }
  const isNear = (colour: readonly number[], wanted: readonly number[]) =>
    colour.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) <= 10)
  const first = await colourNow()
  assert.ok(isNear(first.colour, [0xc8, 0x40, 0x28]), String(first.colour))
  await sleep(systemClock, stillPeriodMs)
  const same = await colourNow()
  assert.equal(same.still, first.still, 'nothing was captured or made again')
  await display.client('xsetroot', '-solid', '#2060d0')
  await sleep(systemClock, stillPeriodMs)
  const next = await colourNow()
  assert.ok(isNear(next.colour, [0x20, 0x60, 0xd0]), String(next.colour))

  // What a viewer was shown is not mistaken for what the last still shows.
  const sink = new CollectingSink()
  const watch = producer.watch(request, sink)
  await sink.picture()
  await display.client('xsetroot', '-solid', '#20c060')
  await rest(sink)
  watch.close()
  await sleep(systemClock, stillPeriodMs)
  const last = await colourNow()
  assert.ok(isNear(last.colour, [0x20, 0xc0, 0x60]), String(last.colour))
})

test('pictures go on while a program has grabbed the server, and after it', async () => {
  await using display = await PrivateDisplay.open(640, 360)
  await using process = await open()
  await display.client('xsetroot', '-solid', '#c84028')
  const program = await DisplayLink.open({
    display: display.name,
    authorityFile: display.authorityFile,
    clock: systemClock,
    onEvent() {},
    onEnd() {},
  })
  const { client, root } = program
  const paint = async (backgroundPixel: number) => {
    client.ChangeWindowAttributes(root, { backgroundPixel })
    client.ClearArea(root, 0, 0, 0, 0, 0)
    await program.ask((answer) => client.GetInputFocus(answer))
  }
  const watch = (producer: Producer) => {
    const sink = new CollectingSink()
    producer.watch(request, sink)
    return new Eye(sink)
  }
  using eye = watch(process.addProducer('screen', specFor(display)))
  await eye.sees(20, 20, [0xc8, 0x40, 0x28])
  client.GrabServer()
  await paint(0x2060d0)
  await eye.sees(20, 20, [0x20, 0x60, 0xd0])
  await paint(0x20c060)
  await eye.sees(20, 20, [0x20, 0xc0, 0x60])
  client.UngrabServer()
  await paint(0xc84028)
  await eye.sees(20, 20, [0xc8, 0x40, 0x28])

  // One that is first looked at during a grab.
  const other = process.addProducer('other', specFor(display))
  await until(other.state, isLive)
  client.GrabServer()
  await paint(0x2060d0)
  using second = watch(other)
  await second.sees(20, 20, [0x20, 0x60, 0xd0])
  await eye.sees(20, 20, [0x20, 0x60, 0xd0])
  client.UngrabServer()
  await paint(0x20c060)
  await second.sees(20, 20, [0x20, 0xc0, 0x60])

  // One that is opened during a grab has to wait for its end, as every new client of the server has.
  client.GrabServer()
  await paint(0x2060d0)
  const late = process.addProducer('late', specFor(display))
  using third = watch(late)
  assert.match((await until(late.state, isDown)).reason, /a program has grabbed it/)
  client.UngrabServer()
  await third.sees(20, 20, [0x20, 0x60, 0xd0])
  program.close()
})
