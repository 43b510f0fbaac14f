import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NetworkMode } from './network-mode.ts'

const s = 1_000_000

/** Looks ten times a second at losses that stay as they are, and tells what changed and when, in seconds. */
function look(mode: NetworkMode, lossRatio: number, fromS: number, toS: number): string[] {
  const changes: string[] = []
  for (let tenths = fromS * 10; tenths < toS * 10; tenths++) {
    const change = mode.update(lossRatio, (tenths * s) / 10)
    if (change) changes.push(`${tenths / 10}: ${change.to}, ${change.cause}`)
  }
  return changes
}

test('NetworkMode is bad after a second of heavy losses, and not again good before ten of calm', () => {
  const mode = new NetworkMode()
  assert.deepEqual(look(mode, 0.07, 0, 60), [])
  assert.deepEqual(look(mode, 0.12, 60, 62), ['61: bad-network, loss'])
  assert.deepEqual(mode.rule, { pictureShare: 0.75, leastParityPercent: 20, isGentle: true })
  assert.deepEqual(look(mode, 0.05, 62, 100), [], 'between the two limits it stays as it is')
  assert.deepEqual(look(mode, 0.01, 100, 105), [])
  assert.deepEqual(look(mode, 0.05, 105, 106), [])
  assert.deepEqual(look(mode, 0.01, 106, 130), ['115.9: pictures, calm'])
  assert.equal(mode.rule.isGentle, false)
})

test('NetworkMode does not heed a moment of losses, nor one mishap that is told of often', () => {
  const mode = new NetworkMode()
  assert.deepEqual(look(mode, 0.5, 0, 1), [])
  for (let count = 0; count < 9; count++) mode.pictureLost(2 * s + count * 100_000)
  assert.deepEqual(look(mode, 0, 3, 20), [])
})

test('NetworkMode is bad when pictures are lost again and again, however few packets that takes', () => {
  const mode = new NetworkMode()
  for (const atS of [1, 11, 21]) mode.pictureLost(atS * s)
  assert.deepEqual(look(mode, 0.01, 22, 23), [], 'far apart')
  for (const atS of [24, 26]) mode.pictureLost(atS * s)
  assert.deepEqual(look(mode, 0.01, 27, 40), ['27: bad-network, bursts', '36: pictures, calm'])
})
