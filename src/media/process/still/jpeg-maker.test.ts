import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { PictureDecoder } from '../../testing/picture-decoder.ts'
import { TestPatternSource } from '../test-pattern/test-pattern-source.ts'
import { fitInto, JpegMaker } from './jpeg-maker.ts'

test('fitInto keeps the shape, makes even sides, and enlarges nothing', () => {
  assert.deepEqual(fitInto(480, { width: 1280, height: 720 }), { width: 480, height: 270 })
  assert.deepEqual(fitInto(480, { width: 720, height: 1280 }), { width: 270, height: 480 })
  assert.deepEqual(fitInto(480, { width: 320, height: 240 }), { width: 320, height: 240 })
  const side = fc.integer({ min: 2, max: 0xffff })
  fc.assert(
    fc.property(side, side, (width, height) => {
      const fitted = fitInto(480, { width, height })
      for (const length of [fitted.width, fitted.height]) assert.ok(length >= 2 && length <= 480 && length % 2 === 0)
    }),
  )
})

test('a JPEG shows the picture, and the next one the next', async () => {
  const card = {
    kind: 'test-pattern',
    width: 640,
    height: 360,
    fps: 30,
    title: 'A',
    lines: [],
    tone: undefined,
  } as const
  const source = new TestPatternSource(card, systemClock)
  const maker = await JpegMaker.open({ width: 320, height: 180 })
  const seen: Buffer[] = []
  for (let count = 0; count < 2; count++) {
    const picture = await source.capture()
    const jpeg = await maker.make(picture?.full ?? assert.fail('there is a picture'))
    assert.deepEqual([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)], [0xff, 0xd8, 0xff, 0xd9])
    using decoder = new PictureDecoder('mjpeg')
    const image = decoder.decode({ data: jpeg })
    assert.deepEqual([image.width, image.height], [320, 180])
    seen.push(Buffer.from(image.data))
    picture?.letGo()
  }
  assert.notDeepEqual(seen[0], seen[1])
  maker.close()
  await source.close()
})
