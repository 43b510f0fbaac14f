import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import type { Producer, WatchRequest } from '../contract/producer.ts'
import { CollectingSink } from './collecting-sink.ts'

export interface ProducerScene extends AsyncDisposable {
  readonly producer: Producer
  /** Whether it makes sound. */
  readonly sound: boolean
}

const request: WatchRequest = { codecs: ['h264'], bitrateBps: 2_000_000, audio: false }

/** What every producer does, whatever it shows. Its pictures have to move. */
export function testProducerContract(name: string, open: () => Promise<ProducerScene>): void {
  test(`${name}: a watch begins with a key picture, and tells its rendition with it`, async () => {
    await using scene = await open()
    const sink = new CollectingSink()
    const watch = scene.producer.watch(request, sink)
    const shown = () => watch.rendition.value
    assert.equal(shown(), undefined)
    const first = await sink.picture()
    assert.ok(first.key)
    assert.deepEqual([shown()?.codec, shown()?.bitrateBps], [first.codec, request.bitrateBps])
  })

  test(`${name}: times of units only grow`, async () => {
    await using scene = await open()
    const sink = new CollectingSink()
    scene.producer.watch({ ...request, audio: true }, sink)
    await sink.picture(() => true, 10)
    if (scene.sound) await sink.sound(() => true, 10)
    for (const [index, unit] of sink.pictures.entries()) {
      assert.ok(unit.captureUs > (sink.pictures[index - 1]?.captureUs ?? 0) && unit.encodedUs >= unit.captureUs)
    }
    for (const [index, unit] of sink.sounds.entries()) {
      assert.ok(unit.positionSamples >= (sink.sounds[index - 1]?.positionSamples ?? -480) + 480)
    }
  })

  test(`${name}: a viewer that asks for none gets no sound`, async () => {
    await using scene = await open()
    const sink = new CollectingSink()
    scene.producer.watch(request, sink)
    await sink.picture(() => true, 10)
    assert.equal(sink.sounds.length, 0)
  })

  test(`${name}: after resync the next picture is a key picture`, async () => {
    await using scene = await open()
    const sink = new CollectingSink()
    const watch = scene.producer.watch(request, sink)
    await sink.picture(() => true, 3)
    const before = sink.pictures.length
    watch.resync()
    assert.ok((await sink.picture(() => true, before)).key)
  })

  test(`${name}: a key picture comes when asked for, and few when asked often`, async () => {
    await using scene = await open()
    const sink = new CollectingSink()
    const watch = scene.producer.watch(request, sink)
    await sink.picture()
    for (let wish = 0; wish < 50; wish++) watch.requestKeyframe()
    await sink.picture(({ key }) => key, 1)
    await sink.picture(() => true, sink.pictures.length + 5)
    assert.ok(sink.pictures.filter(({ key }) => key).length <= 3)
  })

  test(`${name}: a closed watch gets nothing more, and the others go on`, async () => {
    await using scene = await open()
    const [one, two] = [new CollectingSink(), new CollectingSink()]
    const watch = scene.producer.watch(request, one)
    scene.producer.watch(request, two)
    await Promise.all([one.picture(), two.picture()])
    watch.close()
    watch.close()
    const seen = one.pictures.length
    await two.picture(() => true, two.pictures.length + 3)
    assert.equal(one.pictures.length, seen)
  })

  test(`${name}: a still is made for nobody who watches, and for all who ask at once`, async () => {
    await using scene = await open()
    const { producer } = scene
    await until(producer.state, ({ status }) => status === 'live')
    const [one, other] = await Promise.all([producer.still(), producer.still()])
    assert.ok(one && one.jpeg.length > 0 && one.width <= 480 && one.height <= 480)
    assert.equal(other, one)
    await producer.close()
    assert.equal(await producer.still(), undefined)
  })

  test(`${name}: closing it ends its watches; what is asked of it later does nothing`, async () => {
    await using scene = await open()
    const sink = new CollectingSink()
    const watch = scene.producer.watch(request, sink)
    await sink.picture()
    await scene.producer.close('over')
    assert.deepEqual(await scene.producer.closed, { kind: 'clean', reason: 'over' })
    const seen = sink.pictures.length
    watch.requestKeyframe()
    watch.setBitrate(1)
    watch.resync()
    scene.producer.watch(request, sink).close()
    await scene.producer.close()
    assert.equal(sink.pictures.length, seen)
  })
}
