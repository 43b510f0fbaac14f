import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../kernel/seeded-random.ts'
import { PictureDecoder } from '../../testing/picture-decoder.ts'
import { FfmpegLog } from '../ffmpeg/ffmpeg-log.ts'
import { FramePool } from '../picture/frame-pool.ts'
import { x264 } from './software-encoders.ts'
import { VideoEncoder } from './video-encoder.ts'

/** Keeps FFmpeg from printing. */
const ffmpegLog = new FfmpegLog(() => {})

const settings = { width: 640, height: 360, fps: 60, bitrateBps: 250_000, preset: 'latency' } as const
/** What such a path carries in 133 ms. */
const refinementBits = settings.bitrateBps / 7.5

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

test('VideoEncoder makes a page that stands better and better at a low rate, each time with no more than it may take', async () => {
  const pool = new FramePool({ ...settings, capacity: 1 })
  const encoder = await VideoEncoder.open(x264, settings)
  using decoder = new PictureDecoder('h264')
  let timeUs = 0
  /** Squared error of the luma, of 255 levels. */
  let error = Infinity
  const show = async (luma: Uint8Array, key: boolean): Promise<number> => {
    const picture = pool.take() ?? assert.fail('no picture')
    const [plane, ...chroma] = picture.frame.data ?? []
    plane?.set(luma)
    for (const other of chroma) other?.fill(128)
    let bits = 0
    await encoder.encode(picture.frame, timeUs, key, (data) => {
      bits += data.length * 8
      const { data: pixels } = decoder.decode({ data })
      error = luma.reduce((sum, level, at) => sum + ((pixels[at * 4 + 1] ?? 0) - ((level - 16) * 255) / 219) ** 2, 0)
    })
    picture.letGo()
    timeUs += 133_000
    return bits
  }
  await show(page(1), true)
  for (let index = 0; index < 4; index++) await show(page(1), false)
  await show(page(2), false)
  encoder.setPictureBits(refinementBits)
  const taken: number[] = []
  for (let index = 0; index < 60; index++) taken.push(await show(page(2), false))
  const decibels = 10 * Math.log10((255 ** 2 * settings.width * settings.height) / error)
  assert.ok(decibels > 28, `${decibels} dB; ${ffmpegLog.takeLast()}`)
  const most = Math.max(...taken)
  assert.ok(most < refinementBits * 1.3, `${most} bits in one of ${refinementBits}`)
  await encoder.close()
  pool.close()
})
