import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import type { AccessUnit, AudioUnit } from '../media/contract/access-unit.ts'
import { frameHeaderBytes } from '../os/child/frame.ts'
import { decodeAudio, decodeVideo, videoType } from './link/protocol.ts'
import { UnitLane } from './unit-lane.ts'

const picture = (captureUs: number): AccessUnit => ({
  codec: 'h264',
  key: true,
  captureUs,
  encodedUs: captureUs,
  width: 16,
  height: 16,
  data: Uint8Array.of(1),
})
const sound = (captureUs: number): AudioUnit => ({ captureUs, positionSamples: 0, data: Uint8Array.of(2) })

function openLane() {
  const frames: Buffer[] = []
  const lane = new UnitLane({ write: (_label, frame) => frames.push(Buffer.from(frame)) })
  const told = () =>
    frames.map((frame) => {
      const body = frame.subarray(frameHeaderBytes)
      const { viewers, what } = frame[4] === videoType ? decodeVideo(body) : decodeAudio(body)
      return `${frame[4] === videoType ? 'picture' : 'sound'} ${what.captureUs} for ${viewers.join(' ')}`
    })
  return { lane, told }
}

test('UnitLane sends a unit once for all viewers that it is given for in a row', async () => {
  const { lane, told } = openLane()
  const unit = picture(1)
  for (const viewer of [1, 2, 3]) lane.video(unit, viewer)
  assert.deepEqual(told(), [])
  await settled()
  assert.deepEqual(told(), ['picture 1 for 1 2 3'])
})

test('UnitLane keeps the order in which each viewer was given units', async () => {
  const { lane, told } = openLane()
  const [first, second, heard] = [picture(1), picture(2), sound(3)]
  lane.video(first, 1)
  lane.audio(heard, 1)
  lane.audio(heard, 2)
  lane.video(first, 2)
  lane.video(second, 1)
  await settled()
  lane.video(second, 2)
  await settled()
  assert.deepEqual(told(), [
    'picture 1 for 1',
    'sound 3 for 1 2',
    'picture 1 for 2',
    'picture 2 for 1',
    'picture 2 for 2',
  ])
})
