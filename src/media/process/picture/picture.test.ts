import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PictureSizes } from './picture.ts'

const source = { width: 1280, height: 720 } as const

/** A picture of one grey, and the sizes that it comes from. */
function grey(luma: number) {
  const sizes = new PictureSizes(source.width, source.height)
  const full = sizes.full.take() ?? assert.fail('a frame is free')
  for (const [index, plane] of (full.frame.data ?? []).entries()) plane.fill(index === 0 ? luma : 100)
  return { sizes, picture: sizes.picture(full, 1) }
}

test('a picture in another shape stands in the middle, with black around it in all planes', async () => {
  const { sizes, picture } = grey(200)
  const sized = (await picture.in({ width: 800, height: 600 })) ?? assert.fail('a frame is free')
  const { data, linesize, width, height } = sized.frame
  assert.deepEqual([width, height], [800, 600])
  const at = (plane: number, x: number, y: number) => data?.[plane]?.[y * (linesize[plane] ?? 0) + x]
  assert.deepEqual(
    [0, 73, 74, 523, 524, 599].map((y) => at(0, 400, y)),
    [16, 16, 200, 200, 16, 16],
  )
  assert.deepEqual(
    [36, 37, 261, 262].map((y) => at(1, 200, y)),
    [128, 100, 100, 128],
  )
  assert.equal(at(0, 799, 300), 200)
  const pillars = (await picture.in({ width: 1_000, height: 360 })) ?? assert.fail('a frame is free')
  const [luma] = pillars.frame.data ?? []
  assert.deepEqual(
    [0, 179, 180, 819, 820, 999].map((x) => luma?.[x]),
    [16, 16, 200, 200, 16, 16],
  )
  for (const frame of [sized, pillars]) frame.letGo()
  picture.letGo()
  sizes.close()
})

test('a size is made once for all who want it, and none for its own', async () => {
  const { sizes, picture } = grey(120)
  const [one, two] = await Promise.all([picture.in(2), picture.in({ width: 640, height: 360 })])
  const whole = await picture.in({ width: 1_281, height: 720 })
  assert.ok(one && two && whole)
  assert.equal(one, two)
  assert.equal(whole.frame, picture.full)
  assert.equal(await picture.at(2).in(2), one)
  for (const frame of [one, one, two, whole]) frame.letGo()
  picture.letGo()
  sizes.close()
})

test('a size that has no buffer left is not made, and what is held outlives the source', async () => {
  const { sizes, picture } = grey(60)
  const frames = []
  for (;;) {
    const other = sizes.picture(sizes.full.take() ?? assert.fail('only the smaller ones are kept'), 2)
    const sized = await other.in(4)
    other.letGo()
    if (!sized) break
    frames.push(sized)
  }
  assert.ok(frames.length > 1)
  frames.pop()?.letGo()
  const last = await picture.in(4)
  assert.ok(last)
  sizes.close()
  assert.equal(await picture.in(2), undefined)
  assert.equal(picture.full.data?.[0]?.[0], 60)
  for (const frame of [...frames, last]) frame?.letGo()
  picture.letGo()
})
