import assert from 'node:assert/strict'
import { test } from 'node:test'
import { between, mishaps, ReachedPictures } from './support/reached-pictures.ts'

test('pictures go on within two seconds when their path dies in one direction, and none is lost on the way back', async () => {
  await using pictures = await ReachedPictures.open()
  await pictures.native.run(2500)
  const died = await pictures.watch(mishaps['cut to the viewer'], 3000)
  assert.match(died.before, /^direct/)
  assert.match(died.after, /^relay/)
  assert.ok(died.tookMs < 2000, `${died.tookMs} ms`)
  assert.ok(died.keysWanted <= 2, `${died.keysWanted} key pictures`)
  const healed = await pictures.watch((rig) => between(rig, { isCut: false }), 6000)
  assert.match(healed.after, /^direct/)
  assert.deepEqual([healed.lost, healed.keysWanted], [0, 0])
  assert.ok(healed.gapMs < 200, `${healed.gapMs} ms`)
})
