import type { PictureShape } from '../domain/picture-shape.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { silentLog } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { budgetUnit, EncoderBudget, unitsOf } from './encoder-budget.ts'
import { openMediaSwitch } from './media-switch.ts'
import type { Watch } from './contract/producer.ts'
import { SourceProducer } from './source-producer.ts'
import { CollectingSink } from './testing/collecting-sink.ts'
import { ScriptedProcess } from './testing/scripted-process.ts'

const card = { kind: 'test-pattern', width: 1280, height: 720, fps: 60, title: '', lines: [], tone: 'stereo' } as const
const request = { codecs: ['h264'], bitrateBps: 8_000_000, audio: false } as const
const hd = { width: 1280, height: 720, maxFps: 60 } as const
const phone = { width: 800, height: 450, maxFps: 30 } as const
const tiny = { width: 640, height: 360, maxFps: 15 } as const
const fullHd = { width: 1920, height: 1080, maxFps: 60 } as const

/** Producers of one host, whose budget is counted in 1280x720 at 60 pictures a second. */
function setUp(units = Infinity) {
  const clock = new ManualClock()
  const budget = new EncoderBudget(units * budgetUnit)
  const open = (id = 'p') => {
    const process = new ScriptedProcess()
    const producer = new SourceProducer({
      id,
      spec: card,
      port: process,
      clock,
      random: () => 0.5,
      log: silentLog,
      canEncode: () => true,
      budget,
    })
    producer.processUp()
    process.live()
    return { process, producer }
  }
  return { clock, budget, open, ...open() }
}

const encoded = (process: ScriptedProcess) => process.renditions.map(({ size, fps }) => describe(size, fps)).toSorted()
const describe = (size: ScriptedProcess['renditions'][number]['size'], fps: number) =>
  typeof size === 'number' ? `1/${size}@${fps}` : `${size.width}x${size.height}@${fps}`
const given = ({ shape }: Watch) => shape.value?.given
const sizes = ({ pictures }: CollectingSink) => [...new Set(pictures.map(({ width, height }) => `${width}x${height}`))]

test('each shape is an encoding of its own, shared by all who want it, and others keep theirs', () => {
  const { process, producer } = setUp()
  const watch = (shape?: PictureShape) => {
    const sink = new CollectingSink()
    return { sink, watch: producer.watch({ ...request, shape }, sink) }
  }
  const [phoneOne, phoneTwo, small, free] = [watch(phone), watch(phone), watch(tiny), watch()]
  process.tick()
  process.tick()
  assert.deepEqual(encoded(process), ['1/1@60', '640x360@15', '800x450@30'])
  assert.deepEqual(
    [phoneOne, phoneTwo, small, free].map(({ sink }) => sizes(sink)),
    [['800x450'], ['800x450'], ['640x360'], ['1280x720']],
  )
  assert.deepEqual(phoneOne.watch.shape.value, { asked: phone, given: phone, reason: undefined })
  assert.equal(free.watch.shape.value, undefined)
})

test('a shape that is all there is of the source shares the encoding of those who follow their path', () => {
  const { clock, process, producer } = setUp(1)
  const [free, fixed] = [new CollectingSink(), new CollectingSink()]
  producer.watch(request, free)
  process.tick()
  clock.advance(500)
  const watch = producer.watch({ ...request, shape: hd }, fixed)
  process.tick()
  assert.deepEqual(given(watch), hd)
  assert.deepEqual(encoded(process), ['1280x720@60'])
  assert.deepEqual([sizes(free), sizes(fixed)], [['1280x720'], ['1280x720']])
})

test('a viewer of a fixed size never sees another, whatever size the source takes and however the path narrows', () => {
  const { clock, process, producer } = setUp()
  const sink = new CollectingSink()
  const watch = producer.watch({ ...request, shape: hd }, sink)
  const free = new CollectingSink()
  producer.watch(request, free)
  process.tick()
  for (const [width, height] of [
    [1920, 1080],
    [1024, 768],
    [1280, 720],
  ] as const) {
    process.live(width, height)
    process.tick()
    clock.advance(3_000)
    process.tick()
  }
  watch.setBitrate(200_000)
  for (let tick = 0; tick < 300; tick++) {
    clock.advance(10)
    process.tick()
  }
  assert.deepEqual(sizes(sink), ['1280x720'])
  assert.ok(sink.pictures.length > 290)
  assert.deepEqual(sizes(free), ['1280x720', '1920x1080', '1024x768'])
  process.live(1024, 768)
  assert.deepEqual(watch.rendition.value?.content, { x: 160, y: 0, width: 960, height: 720 })
})

test('pictures made before the encoder heard of a fixed size are not handed on', () => {
  const { clock, process, producer } = setUp()
  const [free, fixed] = [new CollectingSink(), new CollectingSink()]
  producer.watch(request, free)
  process.tick()
  clock.advance(500)
  producer.watch({ ...request, shape: hd }, fixed)
  process.tick()
  process.encodeOnceAs({ width: 1920, height: 1080 })
  assert.deepEqual([sizes(free), sizes(fixed)], [['1280x720'], ['1280x720']])
})

test('beyond the budget a wish gets the nearest that is encoded, nobody else notices, and it is met when there is room', () => {
  const { clock, process, producer } = setUp(2)
  const watchers = [hd, phone, tiny].map((shape) => {
    const sink = new CollectingSink()
    return { sink, watch: producer.watch({ ...request, shape }, sink) }
  })
  process.tick()
  clock.advance(500)
  const before = [...process.orders]
  const sink = new CollectingSink()
  const late = producer.watch({ ...request, shape: fullHd }, sink)
  assert.deepEqual(given(late), hd)
  assert.match(late.shape.value?.reason ?? '', /no room to encode 1920x1080 at 60/)
  process.tick()
  const orders = process.orders.slice(before.length).map(({ type }) => type)
  assert.deepEqual(new Set(orders), new Set(['keyframe']), 'no encoder was opened, changed or closed')
  assert.deepEqual(encoded(process), ['1280x720@60', '640x360@15', '800x450@30'])
  clock.advance(500)
  process.tick()
  assert.deepEqual(sizes(sink), ['1280x720'])
  watchers[0]?.watch.close()
  clock.advance(100)
  assert.deepEqual(given(late), hd, 'it is encoded still, and twice the budget would be too much')
  const wide = producer.watch({ ...request, shape: { ...phone, maxFps: 60 } }, new CollectingSink())
  assert.deepEqual(given(wide), { ...phone, maxFps: 60 })
})

test('room that another lobby gives back is taken up by who waits for it', () => {
  const { clock, process, producer, open, budget } = setUp(2)
  const other = open('other')
  const elsewhere = [
    other.producer.watch({ ...request, shape: hd }, new CollectingSink()),
    other.producer.watch({ ...request, shape: phone }, new CollectingSink()),
  ]
  const sink = new CollectingSink()
  const watch = producer.watch({ ...request, shape: hd }, sink)
  assert.deepEqual(given(watch), { ...hd, maxFps: 30 })
  process.tick()
  assert.ok(budget.spent <= budget.capacity)
  for (const one of elsewhere) one.close()
  clock.advance(100)
  assert.deepEqual(watch.shape.value, { asked: hd, given: hd, reason: undefined })
  process.tick()
  assert.deepEqual([encoded(process), sizes(sink)], [['1280x720@60'], ['1280x720']])
  watch.close()
  assert.equal(budget.spent, 0)
})

test('an offer says what a watch would get, and changes nothing', () => {
  const { process, producer } = setUp(1)
  producer.watch({ ...request, shape: phone }, new CollectingSink())
  process.tick()
  const before = process.orders.length
  const offer = producer.offer({ ...request, shape: hd })
  assert.deepEqual(offer.given, phone)
  assert.ok(offer.reason)
  assert.deepEqual(producer.offer({ ...request, shape: tiny }), { asked: tiny, given: tiny, reason: undefined })
  assert.equal(process.orders.length, before)
})

test('who has been given a size keeps it in every place, there with fewer pictures a second if need be', () => {
  const { clock, process, producer, open } = setUp(2)
  const lobby = open('lobby')
  const media = openMediaSwitch(producer)
  const sink = new CollectingSink()
  const watch = media.attach({ ...request, shape: hd }, sink)
  process.tick()
  const busy = { width: 1_600, height: 900, maxFps: 38 }
  lobby.producer.watch({ ...request, shape: busy }, new CollectingSink())
  lobby.process.tick()
  lobby.process.live(1920, 1080)
  media.to(lobby.producer)
  lobby.process.tick()
  assert.deepEqual(given(watch), { ...hd, maxFps: 15 }, 'both are encoded while it moves')
  const other = open('other').producer.watch({ ...request, shape: phone }, new CollectingSink())
  clock.advance(500)
  lobby.process.tick()
  assert.deepEqual(given(watch), { ...hd, maxFps: 30 })
  assert.deepEqual(encoded(lobby.process), ['1280x720@30', '1600x900@38'])
  other.close()
  clock.advance(500)
  lobby.process.tick()
  assert.deepEqual([given(watch), sizes(sink)], [hd, ['1280x720']])
})

test('setShape changes the size at a key picture, with the former running on until then, and back', () => {
  const { clock, process, producer } = setUp()
  const sink = new CollectingSink()
  const watch = producer.watch(request, sink)
  process.tick()
  process.tick()
  watch.setShape(phone)
  assert.deepEqual(encoded(process), ['1/1@60', '800x450@30'])
  process.tick()
  assert.deepEqual(
    sink.pictures.slice(-2).map(({ width, key }) => [width, key]),
    [
      [1280, false],
      [800, true],
    ],
  )
  assert.deepEqual(encoded(process), ['800x450@30'])
  watch.setShape(undefined)
  clock.advance(300)
  process.tick()
  assert.deepEqual([watch.shape.value, sink.pictures.at(-1)?.width, encoded(process)], [undefined, 1280, ['1/1@60']])
})

test('a table says what a machine can encode: two of 1280x720 at 60 on two cores, more with an encoder in hardware', () => {
  const found = (name: string, available: boolean) => ({ name, codec: 'h264', available, reason: '' }) as const
  assert.equal(unitsOf({ cores: 2, encoders: [found('libx264', true), found('h264_nvenc', false)] }), 2)
  assert.equal(unitsOf({ cores: 8, encoders: [] }), 8)
  assert.equal(unitsOf({ cores: 2, encoders: [found('h264_vaapi', true)] }), 9)
  assert.equal(unitsOf({ cores: 16, encoders: [found('h264_nvenc', true)] }), 16)
})

const shape = fc.constantFrom(undefined, hd, phone, tiny, fullHd, { width: 641, height: 481, maxFps: 60 })
const step = fc.tuple(
  fc.constantFrom('watch', 'close', 'shape', 'rate', 'tick', 'tick', 'resize'),
  fc.nat(5),
  fc.nat(2_000),
  shape,
)

test('whatever viewers wish, wishes alone never exceed the budget, and who has a shape keeps it until it asks for another', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, process, producer, budget } = setUp(2)
      const viewers = new Map<number, { watch: Watch; sink: CollectingSink }>()
      for (const [what, who, amount, wanted] of steps) {
        const viewer = viewers.get(who)
        const had = new Map([...viewers.values()].map(({ watch }) => [watch, watch.shape.value]))
        if (what === 'watch' && !viewer) {
          const sink = new CollectingSink()
          const asked = { ...request, shape: wanted ?? tiny }
          viewers.set(who, { sink, watch: producer.watch(asked, sink) })
        } else if (what === 'close') {
          viewer?.watch.close()
          viewers.delete(who)
        } else if (what === 'shape') viewer?.watch.setShape(wanted ?? phone)
        else if (what === 'rate') viewer?.watch.setBitrate(6_000_000 + amount * 1_000)
        else if (what === 'resize')
          process.live(
            ...((
              [
                [1280, 720],
                [1920, 1080],
                [1024, 768],
              ] as const
            )[who % 3] ?? []),
          )
        else {
          clock.advance(amount)
          process.tick()
        }
        if (what !== 'rate' && what !== 'tick') assert.ok(budget.spent <= budget.capacity * 1.0001, `${budget.spent}`)
        for (const { watch } of viewers.values()) {
          const before = had.get(watch)
          const now = watch.shape.value
          if (before && before.asked === before.given && now?.asked === before.asked)
            assert.equal(now.given, before.given)
        }
      }
      for (const { watch } of viewers.values()) watch.close()
      assert.equal(budget.spent, 0)
      clock.advance(60_000)
      assert.equal(clock.pending, 0)
    }),
    { numRuns: 300 },
  )
})
