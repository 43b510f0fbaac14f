import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PictureGap } from './picture-gap.ts'
import { PictureLedger } from './picture-ledger.ts'

test('PictureLedger numbers pictures without gaps, through the wrap at 15 bits', () => {
  const ledger = new PictureLedger(0x7fff)
  ledger.add(10, { codec: 'vp8', key: true, captureUs: 1 })
  ledger.add(20, { codec: 'vp8', key: false, captureUs: 2 })
  assert.deepEqual(ledger.get(10), { codec: 'vp8', key: true, captureUs: 1, pictureId: 0x7fff })
  assert.deepEqual(ledger.get(20), { codec: 'vp8', key: false, captureUs: 2, pictureId: 0 })
})

test('PictureLedger forgets the oldest pictures', () => {
  const ledger = new PictureLedger(0)
  for (let timestamp = 0; timestamp < 1000; timestamp++)
    ledger.add(timestamp, { codec: 'h264', key: false, captureUs: 0 })
  assert.equal(ledger.get(0), undefined)
  assert.equal(ledger.get(743), undefined)
  assert.equal(ledger.get(744)?.pictureId, 744)
})

test('PictureGap tells how long there was no picture, and nothing of short gaps', () => {
  const gap = new PictureGap()
  assert.equal(gap.end(1_000_000), undefined)
  gap.begin(1_000_000)
  gap.begin(1_400_000)
  assert.equal(gap.end(1_500_000), 500)
  gap.begin(2_000_000)
  assert.equal(gap.end(2_100_000), undefined)
  assert.equal(gap.end(9_000_000), undefined)
})
