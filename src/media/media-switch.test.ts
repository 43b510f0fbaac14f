import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { EncoderBudget } from './encoder-budget.ts'
import { openMediaSwitch } from './media-switch.ts'
import { SourceProducer } from './source-producer.ts'
import { CollectingSink } from './testing/collecting-sink.ts'
import { ScriptedProcess } from './testing/scripted-process.ts'

const request = { codecs: ['h264'], bitrateBps: 4_000_000, audio: true } as const

/** A real producer on a process of its own, whose pictures are known by their codec's data. */
function openScene(clock: ManualClock, id: string) {
  const process = new ScriptedProcess()
  const spec = {
    kind: 'test-pattern',
    width: 1280,
    height: 720,
    fps: 60,
    title: '',
    lines: [],
    tone: 'stereo',
  } as const
  const options = { clock, random: () => 0.5, log: silentLog, canEncode: () => true, budget: new EncoderBudget() }
  const producer = new SourceProducer({ id, spec, port: process, ...options })
  producer.processUp()
  process.live()
  return { process, producer }
}

function setUp() {
  const clock = new ManualClock()
  const [lobby, room] = [openScene(clock, 'lobby'), openScene(clock, 'room')]
  const media = openMediaSwitch(room.producer)
  const sink = new CollectingSink()
  return { clock, lobby, room, media, sink }
}

test('the former producer is shown until the first key picture of the new one, then let go', () => {
  const { lobby, room, media, sink } = setUp()
  const watch = media.attach(request, sink)
  room.process.tick()
  media.to(lobby.producer)
  room.process.tick()
  assert.equal(sink.pictures.length, 2)
  assert.equal(room.producer.statistics.watchers, 1)
  lobby.process.tick()
  assert.deepEqual(
    sink.pictures.map(({ key }) => key),
    [true, false, true],
  )
  assert.equal(room.producer.statistics.watchers, 0)
  lobby.process.tick()
  assert.equal(sink.pictures.length, 4)
  assert.equal(watch.rendition.value?.encoder, 'scripted')
})

test('sound changes with the picture, and never goes back on the time line', () => {
  const { lobby, room, media, sink } = setUp()
  media.attach(request, sink)
  for (let at = 0; at < 5; at++) room.process.tick()
  media.to(lobby.producer)
  for (let at = 0; at < 8; at++) lobby.process.tick()
  const positions = sink.sounds.map(({ positionSamples }) => positionSamples)
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(positions).size, positions.length)
  assert.equal(positions.length, 8)
})

test('switching to the target, or back before the change, keeps the stream as it is', () => {
  const { lobby, room, media, sink } = setUp()
  media.attach(request, sink)
  room.process.tick()
  media.to(room.producer)
  media.to(lobby.producer)
  media.to(room.producer)
  assert.equal(lobby.producer.statistics.watchers, 0)
  lobby.process.tick()
  room.process.tick()
  assert.deepEqual(
    sink.pictures.map(({ key }) => key),
    [true, false],
  )
})

test('another target during a switch takes the place of the first', () => {
  const { clock, lobby, room, media, sink } = setUp()
  const other = openScene(clock, 'other')
  media.attach(request, sink)
  room.process.tick()
  media.to(lobby.producer)
  media.to(other.producer)
  assert.equal(lobby.producer.statistics.watchers, 0)
  lobby.process.tick()
  assert.equal(sink.pictures.length, 1)
  other.process.tick()
  assert.equal(sink.pictures.length, 2)
  assert.equal(other.producer.statistics.watchers, 1)
  assert.equal(media.target.value, other.producer)
})

test('a switch goes on when the producer that is shown closes or goes down meanwhile', async () => {
  const { lobby, room, media, sink } = setUp()
  media.attach(request, sink)
  room.process.tick()
  media.to(lobby.producer)
  lobby.producer.processDown('killed')
  await room.producer.close()
  lobby.producer.processUp()
  lobby.process.live()
  lobby.process.tick()
  assert.deepEqual(
    sink.pictures.map(({ key }) => key),
    [true, true],
  )
})

test('a target that closes before its first picture leaves the former one on', async () => {
  const { lobby, room, media, sink } = setUp()
  media.attach(request, sink)
  room.process.tick()
  media.to(lobby.producer)
  await lobby.producer.close()
  room.process.tick()
  assert.equal(sink.pictures.length, 2)
  media.to(room.producer)
  room.process.tick()
  assert.equal(sink.pictures.length, 3)
})

test('what the viewer tells goes to the producer that is shown, its rate also to the next', () => {
  const { clock, lobby, room, media, sink } = setUp()
  const watch = media.attach(request, sink)
  room.process.tick()
  media.to(lobby.producer)
  watch.setBitrate(5_000_000)
  clock.advance(60)
  assert.equal(room.process.renditions[0]?.bitrateBps, 5_000_000)
  assert.equal(lobby.process.renditions[0]?.bitrateBps, 5_000_000)
  assert.equal(watch.rendition.value?.bitrateBps, 5_000_000)
  clock.advance(1_000)
  watch.resync()
  room.process.tick()
  assert.deepEqual(
    sink.pictures.map(({ key }) => key),
    [true, true],
  )
  lobby.process.tick()
  clock.advance(1_000)
  watch.requestKeyframe()
  lobby.process.tick()
  assert.deepEqual(
    sink.pictures.slice(2).map(({ key }) => key),
    [true, true],
  )
  watch.setBitrate(3_000_000)
  clock.advance(60)
  assert.equal(lobby.process.renditions[0]?.bitrateBps, 3_000_000)
})

test('two are fed at once, each from a key picture on, and a third takes the place of the oldest', () => {
  const { clock, lobby, room, media, sink } = setUp()
  media.attach(request, sink)
  room.process.tick()
  clock.advance(500)
  const second = new CollectingSink()
  media.attach(request, second)
  room.process.tick()
  room.process.tick()
  assert.equal(sink.pictures.length, 3)
  assert.deepEqual(
    second.pictures.map(({ key }) => key),
    [true, false],
  )
  assert.equal(room.producer.statistics.watchers, 2)
  media.to(lobby.producer)
  lobby.process.tick()
  assert.equal(lobby.producer.statistics.watchers, 2, 'both move')
  const third = new CollectingSink()
  media.attach(request, third)
  assert.equal(lobby.producer.statistics.watchers, 2)
  const before = sink.pictures.length
  lobby.process.tick()
  assert.equal(sink.pictures.length, before)
})

test('a closed switch or watch shows nothing more', async () => {
  const { lobby, room, media, sink } = setUp()
  const watch = media.attach(request, sink)
  room.process.tick()
  media.to(lobby.producer)
  watch.close()
  room.process.tick()
  lobby.process.tick()
  assert.equal(sink.pictures.length, 1)
  media.attach(request, sink)
  lobby.process.tick()
  await media.close()
  lobby.process.tick()
  media.to(room.producer)
  media.attach(request, sink)
  room.process.tick()
  assert.equal(sink.pictures.length, 2)
  assert.equal(room.producer.statistics.watchers + lobby.producer.statistics.watchers, 0)
})

test('a shape is asked for by all viewers of a switch, and told by the one that is left, whichever came first', () => {
  const { clock, room, media, sink } = setUp()
  const phone = { width: 800, height: 450, maxFps: 30 }
  media.attach(request, sink)
  const other = media.attach(request, new CollectingSink())
  room.process.tick()
  other.close()
  media.setShape(phone)
  clock.advance(500)
  room.process.tick()
  assert.deepEqual([media.shape.value?.given, sink.pictures.at(-1)?.width, media.rendition?.width], [phone, 800, 800])
  const late = new CollectingSink()
  media.attach(request, late)
  clock.advance(500)
  room.process.tick()
  assert.equal(late.pictures.at(-1)?.width, 800)
  media.setShape(undefined)
  assert.equal(media.shape.value, undefined)
})
