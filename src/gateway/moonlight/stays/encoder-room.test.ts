import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PictureShape } from '../../../domain/picture-shape.ts'
import type { WatchRequest } from '../../../media/contract/producer.ts'
import { budgetUnit, EncoderBudget } from '../../../media/encoder-budget.ts'
import { ShapeDesk, type SharedEncoding } from '../../../media/shape-desk.ts'
import { refusalOfRoom } from './encoder-room.ts'

const wanted = { width: 1920, height: 1080, fps: 60 }

test('refusalOfRoom lets in whoever can be encoded for, if need be with fewer pictures a second', () => {
  assert.equal(refusalOfRoom(picturesWith(2.3), wanted), undefined)
  assert.equal(refusalOfRoom(picturesWith(0.6), wanted), undefined, 'a quarter of the pictures')
})

test('refusalOfRoom names sizes that there is room for, the largest first', () => {
  assert.equal(
    refusalOfRoom(picturesWith(0.3), wanted),
    'This host has no room to encode 1920x1080 now: choose 1280x720 or 854x480 or 640x360',
  )
  assert.equal(
    refusalOfRoom(picturesWith(0.1), { width: 854, height: 480, fps: 30 }),
    undefined,
    'fewer pictures are wanted',
  )
  assert.equal(
    refusalOfRoom(picturesWith(0), wanted),
    'This host has no room to encode 1920x1080 now, and none for less: try again later',
  )
})

test('refusalOfRoom lets in whoever can share what is encoded already', () => {
  const shape = { width: 1920, height: 1080, maxFps: 60 }
  const encoded: SharedEncoding = {
    codec: 'h264',
    shape,
    joinable: true,
    width: 1920,
    height: 1080,
    fps: 60,
    bitrateBps: 9_000_000,
    viewers: new Map([[7, 9_000_000]]),
  }
  assert.equal(refusalOfRoom(picturesWith(0, [encoded]), wanted), undefined)
})

/** Pictures of a session where so much more may be encoded, by the budget's own answers. */
function picturesWith(units: number, encoded: readonly SharedEncoding[] = []) {
  const budget = new EncoderBudget(units * budgetUnit).open(() => {})
  const desk = new ShapeDesk({ preset: 'latency', budget })
  const offer = ({ bitrateBps, shape: wish }: WatchRequest & { readonly shape: PictureShape }) => {
    const seeker = { id: 0, codec: 'h264', bitrateBps, wish, holdsShape: false, before: undefined } as const
    const verdict = desk.answer([seeker], encoded, 60).get(0)
    assert.ok(verdict)
    return verdict.offer
  }
  return { offer }
}
