import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describePicture } from './describe-picture.ts'

const rendition = {
  codec: 'h264',
  encoder: 'libx264',
  width: 1280,
  height: 720,
  fps: 60,
  bitrateBps: 4_200_000,
} as const
const host = { targetBps: 4_500_000, sentBps: 4_000_000, roundTripMs: 10, lossRatio: 0, rendition }
const hd = { width: 1920, height: 1080, maxFps: 60 }

test('describePicture says what comes and why, and what is offered instead', () => {
  assert.equal(describePicture(undefined, undefined), '')
  assert.equal(
    describePicture(host, undefined),
    '1280 × 720 at 60 fps, up to 4.2 Mbit/s: chosen for a connection that carries 4.5 Mbit/s.',
  )
  assert.match(describePicture(host, { asked: hd, given: hd, reason: undefined }), /, as you chose\.$/)
  const none = describePicture(host, {
    asked: hd,
    given: { ...hd, width: 1280, height: 720 },
    reason: 'This host has no room',
  })
  assert.equal(
    none,
    'This host has no room. Instead you get the nearest that it can: 1280 × 720 at 60 fps, up to 4.2 Mbit/s. It changes when there is room.',
  )
  assert.match(
    describePicture(undefined, { asked: hd, given: undefined, reason: 'No room' }),
    /what suits your connection\./,
  )
})
