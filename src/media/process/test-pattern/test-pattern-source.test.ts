import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { letGoPicture } from '../picture/picture.ts'
import { TestPatternSource, type TestPatternSpec } from './test-pattern-source.ts'

const spec: TestPatternSpec = {
  kind: 'test-pattern',
  width: 320,
  height: 180,
  fps: 30,
  title: 'First',
  lines: ['one'],
  tone: false,
}

/** The luma of the first picture. */
async function firstPicture(source: TestPatternSource): Promise<Buffer> {
  const picture = await source.capture(new Set([1]))
  assert.ok(picture)
  const luma = Buffer.from(picture.frames.get(1)?.frame.data?.[0] ?? [])
  letGoPicture(picture)
  await source.close()
  return luma
}

test('TestPatternSource shows the text that it was given last, before or after the first picture', async () => {
  const clock = new ManualClock()
  const text = { title: 'Second', lines: ['two'] }
  const expected = await firstPicture(new TestPatternSource({ ...spec, ...text }, clock))
  assert.notDeepEqual(await firstPicture(new TestPatternSource(spec, clock)), expected)

  const early = new TestPatternSource(spec, clock)
  early.setText(text)
  assert.deepEqual(await firstPicture(early), expected)
})
