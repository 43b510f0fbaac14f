import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import { PictureGap } from './picture-gap.ts'
import { SentPictures } from './sent-pictures.ts'

const unit = (key: boolean, captureUs: number): AccessUnit => {
  return { codec: 'vp8', key, captureUs, encodedUs: captureUs, width: 2, height: 2, data: new Uint8Array(1) }
}

test('SentPictures numbers pictures without gaps, and keeps what a wire has marked them with', () => {
  const ledger = new SentPictures()
  for (const [index, mark] of [900, 7].entries()) {
    assert.equal(ledger.next, index)
    ledger.add(unit(index === 0, index), mark)
  }
  assert.deepEqual(ledger.get(0), { codec: 'vp8', key: true, captureUs: 0, index: 0, mark: 900 })
  assert.deepEqual(ledger.get(1), { codec: 'vp8', key: false, captureUs: 1, index: 1, mark: 7 })
})

test('SentPictures forgets the oldest pictures', () => {
  const ledger = new SentPictures()
  for (let count = 0; count < 1000; count++) ledger.add(unit(false, 0), count)
  assert.equal(ledger.get(743), undefined)
  assert.equal(ledger.get(744)?.mark, 744)
  assert.equal(ledger.get(1000), undefined)
})

test('PictureGap tells how long there was no picture, and nothing of short gaps', () => {
  const gap = new PictureGap()
  assert.equal(gap.end(1_000_000), undefined)
  gap.begin(1_000_000)
  gap.begin(1_400_000)
  gap.begin(900_000)
  assert.equal(gap.end(1_500_000), 600)
  gap.begin(2_000_000)
  assert.equal(gap.end(2_100_000), undefined)
  assert.equal(gap.end(9_000_000), undefined)
})
