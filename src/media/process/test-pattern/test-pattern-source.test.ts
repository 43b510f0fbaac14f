import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { TestPatternSource, type TestPatternSpec } from './test-pattern-source.ts'

const spec: TestPatternSpec = {
  kind: 'test-pattern',
  width: 320,
  height: 180,
  fps: 30,
  title: 'First',
  lines: ['one'],
  tone: undefined,
}

/** The luma of the first picture. */
async function firstPicture(source: TestPatternSource): Promise<Buffer> {
  const picture = await source.capture()
  assert.ok(picture)
  const luma = Buffer.from(picture.full.data?.[0] ?? [])
  picture.letGo()
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
