import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../test/support/fast-check.ts'
import { silentLog } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import type { AccessUnit } from './contract/access-unit.ts'
import type { VideoCodec } from '../domain/video-codec.ts'
import type { EncodingWishes, Watch } from './contract/producer.ts'
import { EncoderBudget } from './encoder-budget.ts'
import { SourceProducer } from './source-producer.ts'
import { CollectingSink } from './testing/collecting-sink.ts'
import { originOf, ScriptedProcess } from './testing/scripted-process.ts'

const card = { kind: 'test-pattern', width: 1280, height: 720, fps: 60, title: '', lines: [], tone: 'stereo' } as const
const request = { codecs: ['h264'], bitrateBps: 4_000_000, audio: false } as const

function setUp(
  canEncode: (codec: VideoCodec) => boolean = () => true,
  encoding?: EncodingWishes,
  budget: EncoderBudget = new EncoderBudget(),
) {
  const clock = new ManualClock()
  const process = new ScriptedProcess()
  const log = silentLog
  const producer = new SourceProducer({
    id: 'p',
    spec: { ...card, encoding },
    port: process,
    clock,
    random: () => 0.5,
    log,
    canEncode,
    budget,
  })
  producer.processUp()
  process.live()
  return { clock, process, producer }
}

const keys = (units: readonly AccessUnit[]) => units.map(({ key }) => key)

test('wishes choose among the codecs that a viewer can decode, and limit the rate', () => {
  const wishes = { codecs: ['vp8', 'h264'], maxBitrateBps: 3_000_000, preset: 'latency' } as const
  const { process, producer } = setUp(undefined, wishes)
  producer.watch({ ...request, codecs: ['h264', 'vp8'] }, new CollectingSink())
  producer.watch({ ...request, codecs: ['h264'], bitrateBps: 1_000_000 }, new CollectingSink())
  process.tick()
  assert.deepEqual(process.renditions.map(({ codec, bitrateBps }) => `${codec} ${bitrateBps}`).toSorted(), [
    'h264 1000000',
    'vp8 3000000',
  ])
})

test('a codec that is wished for and cannot be encoded gives way to one that can', () => {
  const wishes = { codecs: ['vp8'], maxBitrateBps: undefined, preset: 'quality' } as const
  const { process, producer } = setUp((codec) => codec === 'h264', wishes)
  const sink = new CollectingSink()
  producer.watch({ ...request, codecs: ['vp8', 'h264'] }, sink)
  process.tick()
  assert.equal(sink.pictures[0]?.codec, 'h264')
})

test('a producer encodes nothing for nobody, and makes sound only for those who listen', () => {
  const { process, producer } = setUp()
  process.tick()
  assert.deepEqual(process.renditions, [])
  const [deaf, listener] = [new CollectingSink(), new CollectingSink()]
  const watch = producer.watch(request, deaf)
  process.tick()
  assert.deepEqual([deaf.pictures.length, deaf.sounds.length], [1, 0])
  const heard = producer.watch({ ...request, audio: true }, listener)
  process.tick()
  assert.deepEqual([deaf.sounds.length, listener.sounds.length], [0, 1])
  heard.close()
  watch.close()
  process.tick()
  assert.deepEqual(process.renditions, [])
  assert.equal(listener.sounds.length, 1)
})

test('a viewer that joins a running rendition begins at a key picture, and one asked for serves all who join', () => {
  const { clock, process, producer } = setUp()
  const first = new CollectingSink()
  producer.watch(request, first)
  process.tick()
  process.tick()
  clock.advance(500)
  const late = Array.from({ length: 5 }, () => new CollectingSink())
  for (const sink of late) producer.watch(request, sink)
  assert.equal(process.count('keyframe'), 2)
  process.tick()
  process.tick()
  assert.deepEqual(keys(first.pictures), [true, false, true, false])
  for (const sink of late) assert.deepEqual(keys(sink.pictures), [true, false])
  assert.equal(process.renditions.length, 1)
})

test('resync holds pictures back until the next key picture, for that viewer only', () => {
  const { clock, process, producer } = setUp()
  const [one, two] = [new CollectingSink(), new CollectingSink()]
  const watch = producer.watch(request, one)
  producer.watch(request, two)
  process.tick()
  clock.advance(100)
  watch.resync()
  process.tick()
  assert.deepEqual([one.pictures.length, two.pictures.length], [1, 2])
  clock.advance(300)
  process.tick()
  assert.deepEqual(keys(one.pictures), [true, true])
  assert.deepEqual(keys(two.pictures), [true, false, true])
})

test('a change of rendition happens at its key picture, with the old one running on until then', () => {
  const { clock, process, producer } = setUp()
  const sink = new CollectingSink()
  const watch = producer.watch(request, sink)
  process.tick()
  watch.setBitrate(300_000)
  clock.advance(60)
  assert.equal(process.renditions[0]?.bitrateBps, 300_000)
  assert.equal(watch.rendition.value?.bitrateBps, 300_000)
  while (process.renditions.length < 2 && clock.nowMs() < 5_000) {
    process.tick()
    clock.advance(10)
  }
  process.tick()
  assert.deepEqual(
    sink.pictures.slice(-2).map(({ width, key }) => [width, key]),
    [
      [1280, false],
      [640, true],
    ],
  )
  assert.deepEqual(
    process.renditions.map(({ size, fps }) => [size, fps]),
    [[2, 30]],
  )
  assert.equal(watch.rendition.value?.width, 640)
})

test('what rests is shown at full size whatever the path carries, and what moves as it suits the path', () => {
  const { clock, process, producer } = setUp()
  const sink = new CollectingSink()
  producer.watch({ ...request, bitrateBps: 200_000 }, sink)
  process.tick()
  const shrinks = () => process.renditions.map(({ size }) => size)
  assert.deepEqual(shrinks(), [2])
  process.move(false)
  process.tick()
  assert.deepEqual([shrinks(), sink.pictures.at(-1)?.width], [[1], 1280])
  process.move(true)
  for (let tick = 0; tick < 120; tick++) {
    process.tick()
    clock.advance(10)
  }
  assert.deepEqual([shrinks(), sink.pictures.at(-1)?.width], [[2], 640])
})

test('a sink that throws loses its watch, and nobody else notices', () => {
  const { process, producer } = setUp()
  const broken = {
    video() {
      throw new Error('broken')
    },
    audio() {},
  }
  const sink = new CollectingSink()
  producer.watch(request, broken)
  producer.watch(request, sink)
  process.tick()
  process.tick()
  assert.equal(sink.pictures.length, 2)
  assert.equal(producer.statistics.watchers, 1)
})

test('the first codec of the list that can be encoded is used, and the next one when its encoder fails', () => {
  const { process, producer } = setUp((codec) => codec === 'vp8')
  const sink = new CollectingSink()
  producer.watch({ ...request, codecs: ['h264', 'vp8'] }, sink)
  process.tick()
  assert.equal(sink.pictures[0]?.codec, 'vp8')
  const other = setUp()
  const second = new CollectingSink()
  other.producer.watch({ ...request, codecs: ['h264', 'vp8'] }, second)
  other.process.tick()
  other.process.refuse('h264')
  other.process.tick()
  assert.deepEqual(
    second.pictures.map(({ codec, key }) => [codec, key]),
    [
      ['h264', true],
      ['vp8', true],
    ],
  )
  assert.equal(other.process.renditions.length, 1)
})

test('watches survive the process, and go on with a key picture', () => {
  const { clock, process, producer } = setUp()
  const sink = new CollectingSink()
  producer.watch({ ...request, audio: true }, sink)
  process.tick()
  process.tick()
  producer.processDown('it was killed')
  assert.deepEqual(producer.state.value, { status: 'down', reason: 'it was killed' })
  process.tick()
  assert.equal(sink.pictures.length, 2)
  clock.advance(1_000)
  producer.processUp()
  process.live()
  process.tick()
  assert.deepEqual(keys(sink.pictures), [true, false, true])
  assert.equal(sink.sounds.length, 3)
  assert.equal(producer.state.value.status, 'live')
})

test('a source that fails is opened again, more and more patiently', () => {
  const { clock, process, producer } = setUp()
  for (const waitMs of [250, 500, 1_000]) {
    const opened = process.count('open-source')
    process.fail('no display')
    assert.deepEqual(producer.state.value, { status: 'down', reason: 'no display' })
    clock.advance(waitMs - 1)
    assert.equal(process.count('open-source'), opened)
    clock.advance(1)
    assert.equal(process.count('open-source'), opened + 1)
  }
})

test('closing a producer ends its source and its watches, and leaves no timer', async () => {
  const { clock, process, producer } = setUp()
  const sink = new CollectingSink()
  const watch = producer.watch(request, sink)
  process.tick()
  watch.requestKeyframe()
  await producer.close()
  assert.equal(process.count('close-source'), 1)
  process.tick()
  watch.setBitrate(1_000_000)
  watch.requestKeyframe()
  watch.close()
  producer.watch(request, sink).close()
  assert.equal(sink.pictures.length, 1)
  assert.equal(clock.pending, 0)
})

/** Every picture but a key picture follows the one before it in the same encoding. */
function assertUnbroken(pictures: readonly AccessUnit[]): void {
  for (const [index, unit] of pictures.entries()) {
    if (unit.key) continue
    const [source, rendition, count] = originOf(unit)
    const before = pictures[index - 1]
    assert.deepEqual(before && originOf(before), [source, rendition, count - 1])
  }
}

type Step = readonly ['watch' | 'close' | 'rate' | 'key' | 'resync' | 'tick' | 'crash', number, number]

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('watch', 'close', 'rate', 'key', 'resync', 'tick', 'tick', 'tick', 'crash'),
  fc.nat(6),
  fc.nat(2_000),
)

test('whatever viewers do, each gets an unbroken stream, and few renditions are encoded', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { clock, process, producer } = setUp()
      const viewers = new Map<number, { watch: Watch; sink: CollectingSink }>()
      const all: CollectingSink[] = []
      for (const [what, who, amount] of steps) {
        const viewer = viewers.get(who)
        if (what === 'watch' && !viewer) {
          const sink = new CollectingSink()
          all.push(sink)
          viewers.set(who, { sink, watch: producer.watch({ ...request, bitrateBps: 1_000 * (amount + 100) }, sink) })
        } else if (what === 'close') {
          viewer?.watch.close()
          viewers.delete(who)
        } else if (what === 'rate') viewer?.watch.setBitrate(4_000 * (amount + 20))
        else if (what === 'key') viewer?.watch.requestKeyframe()
        else if (what === 'resync') viewer?.watch.resync()
        else if (what === 'crash') {
          producer.processDown('crash')
          producer.processUp()
          process.live()
        } else {
          clock.advance(amount)
          process.tick()
          assert.ok(process.renditions.length <= 6, `${process.renditions.length} renditions`)
        }
      }
      for (const { pictures } of all) assertUnbroken(pictures)
      for (const { watch } of viewers.values()) watch.close()
      assert.deepEqual(process.renditions, [])
      clock.advance(60_000)
      assert.equal(clock.pending, 0)
    }),
    { numRuns: 200 },
  )
})

test('pictures go to the inlets of those who watch, and to the server with their data only for who reads them there', () => {
  const { clock, process, producer } = setUp()
  const [far, farther, near] = [new CollectingSink(), new CollectingSink(), new CollectingSink()]
  const deliveries = () =>
    process.orders.flatMap((order) => (order.type === 'deliver' ? [`${order.here} ${order.links.join()}`] : []))
  producer.watch({ ...request, link: 1 }, far)
  process.tick()
  process.tick()
  assert.deepEqual(keys(far.pictures), [true, false])
  assert.deepEqual(
    far.pictures.map(({ data, flow }) => [data.length, flow?.isHere, flow?.links]),
    [
      [0, false, [1]],
      [0, false, [1]],
    ],
  )
  assert.ok((producer.statistics.videoBytes ?? 0) > 1000, 'they are counted as large as they are')

  clock.advance(200)
  const reader = producer.watch(request, near)
  producer.watch({ ...request, link: 2 }, farther)
  process.tick()
  assert.deepEqual(deliveries(), ['false 1', 'true 1', 'true 1,2'])
  assert.deepEqual(keys(near.pictures), [true])
  assert.deepEqual(keys(farther.pictures), [true])
  assert.ok((near.pictures[0]?.data.length ?? 0) > 1000)
  assert.equal(near.pictures[0], farther.pictures[0])

  reader.close()
  assert.deepEqual(deliveries().slice(3), ['false 1,2'])
})

test('who came while a key picture was on its way elsewhere waits for one that is for them', () => {
  const { clock, process, producer } = setUp()
  const [far, near] = [new CollectingSink(), new CollectingSink()]
  producer.watch({ ...request, link: 1 }, far)
  process.tick()
  // Encoded before it was heard that somebody reads them here.
  process.holdDeliveries()
  producer.watch(request, near)
  process.tick()
  assert.equal(near.pictures.length, 0)
  process.hearDeliveries()
  clock.advance(200)
  process.tick()
  assert.deepEqual(keys(near.pictures), [true])
  assert.ok((near.pictures[0]?.data.length ?? 0) > 0)
})

test('what went to an inlet that is lost goes through the server, from a key picture on', () => {
  const { clock, process, producer } = setUp()
  const far = new CollectingSink()
  producer.watch({ ...request, link: 1 }, far)
  process.tick()
  process.lost.add(1)
  producer.linksChanged(1)
  process.tick()
  assert.deepEqual(keys(far.pictures), [true])
  clock.advance(500)
  process.tick()
  process.tick()
  assert.deepEqual(keys(far.pictures), [true, true, false])
  assert.deepEqual(
    far.pictures.slice(1).map(({ flow }) => flow),
    [undefined, undefined],
  )
})
