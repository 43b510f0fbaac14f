import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../kernel/seeded-random.ts'
import { PictureDecoder } from '../../testing/picture-decoder.ts'
import { FfmpegLog } from '../ffmpeg/ffmpeg-log.ts'
import { FramePool } from '../picture/frame-pool.ts'
import { Refinement } from './refinement.ts'
import { x264 } from './software-encoders.ts'
import { VideoEncoder } from './video-encoder.ts'

/** Keeps FFmpeg from printing. */
const ffmpegLog = new FfmpegLog(() => {})

const settings = { width: 640, height: 360, fps: 60, bitrateBps: 250_000, preset: 'latency' } as const
/** Black strokes on white in rows of 16 pixels, which cost a coder what text costs it. Luma in limited range. */
function page(seed: number): Uint8Array {
  const { width, height } = settings
  const random = seededRandom(seed)
  const luma = new Uint8Array(width * height).fill(235)
  for (let top = 2; top + 12 < height; top += 16) {
    for (let left = 2; left + 6 < width; left += 8) {
      for (let stroke = 0; stroke < 4; stroke++) {
        const isUpright = random() < 0.5
        const at = Math.floor(random() * (isUpright ? 6 : 11))
        for (let along = 0; along < (isUpright ? 11 : 6); along++) {
          luma[(top + (isUpright ? along : at)) * width + left + (isUpright ? at : along)] = 16
        }
      }
    }
  }
  return luma
}

test('Refinement makes a page that stands sharp at a low rate, each time with no more than it may take', async () => {
  const pool = new FramePool({ ...settings, capacity: 1 })
  const encoder = await VideoEncoder.open(x264, settings)
  using decoder = new PictureDecoder('h264')
  let timeUs = 0
  /** Squared error of the luma, of 255 levels. */
  let error = Infinity
  const show = async (luma: Uint8Array, key: boolean): Promise<{ bits: number; quantizer: number | undefined }> => {
    const picture = pool.take() ?? assert.fail('no picture')
    const [plane, ...chroma] = picture.frame.data ?? []
    plane?.set(luma)
    for (const other of chroma) other?.fill(128)
    let bits = 0
    let quantizer: number | undefined
    await encoder.encode(picture.frame, timeUs, key, (data, _isKey, coarseness) => {
      bits += data.length * 8
      quantizer = coarseness
      const { data: pixels } = decoder.decode({ data })
      error = luma.reduce((sum, level, at) => sum + ((pixels[at * 4 + 1] ?? 0) - ((level - 16) * 255) / 219) ** 2, 0)
    })
    picture.letGo()
    timeUs += 133_000
    return { bits, quantizer }
  }
  await show(page(1), true)
  for (let index = 0; index < 4; index++) await show(page(1), false)
  await show(page(2), false)
  const refinement = new Refinement()
  for (let count = 0; !refinement.good; count++) {
    assert.ok(count < 150, 'it never becomes good')
    const allowedBits = refinement.bitsAt(settings.bitrateBps)
    encoder.setPictureBits(allowedBits)
    const { bits, quantizer } = await show(page(2), false)
    assert.ok(bits < allowedBits * 1.3, `${bits} bits in one of ${allowedBits}`)
    refinement.coded(bits, allowedBits, quantizer)
  }
  const decibels = 10 * Math.log10((255 ** 2 * settings.width * settings.height) / error)
  assert.ok(decibels > 40, `${decibels} dB; ${ffmpegLog.takeLast()}`)
  await encoder.close()
  pool.close()
})

test('Refinement calls nothing good that had no room, and begins anew after a change', () => {
  const refinement = new Refinement()
  const bits = refinement.bitsAt(1_000_000)
  for (let count = 0; count < 10; count++) refinement.coded(bits, bits, 15)
  assert.equal(refinement.good, false)
  refinement.coded(100, bits, 15)
  assert.equal(refinement.bitsAt(1_000_000), 2 * bits)
  refinement.coded(100, 2 * bits, 15)
  refinement.coded(100, 2 * bits, 30)
  refinement.coded(100, 2 * bits, 15)
  assert.equal(refinement.good, false)
  refinement.coded(100, 2 * bits, 15)
  assert.equal(refinement.good, true)
  refinement.restart()
  assert.deepEqual([refinement.good, refinement.bitsAt(1_000_000)], [false, bits])
})
