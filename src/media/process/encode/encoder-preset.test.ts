import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PictureDecoder } from '../../testing/picture-decoder.ts'
import { FramePool } from '../picture/frame-pool.ts'
import { vp8, x264 } from './software-encoders.ts'
import { type EncoderKind, type EncoderPreset, VideoEncoder } from './video-encoder.ts'

const settings = { width: 640, height: 360, fps: 30, bitrateBps: 400_000 } as const
const pictures = 45

/** Waves that wander, with edges in them. */
function paint(luma: Buffer, index: number): void {
  const { width, height } = settings
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [(at % width) + index * 3, Math.floor(at / width) + index]
    const edge = ((x >> 3) * 7 + (y >> 4) * 13) % 5 === 0 ? 50 : 0
    luma[at] = 100 + 50 * Math.sin(x / 23) * Math.cos(y / 17) + edge
  }
}

/** How far the decoded pictures are from the painted ones, as the mean of squares, and what they took. */
async function errorOf(kind: EncoderKind, preset: EncoderPreset): Promise<{ error: number; bytes: number }> {
  const pool = new FramePool({ ...settings, capacity: 1 })
  const encoder = await VideoEncoder.open(kind, { ...settings, preset })
  using decoder = new PictureDecoder(kind.codec)
  let [squares, samples, bytes] = [0, 0, 0]
  for (let index = 0; index < pictures; index++) {
    const picture = pool.take() ?? assert.fail('no picture')
    const [luma = assert.fail(), ...chroma] = picture.frame.data ?? []
    paint(luma, index)
    for (const plane of chroma) plane?.fill(128)
    let coded: Buffer | undefined
    await encoder.encode(picture.frame, index * 33_333, index === 0, (data) => (coded = Buffer.from(data)))
    const { data } = decoder.decode({ data: coded ?? assert.fail() })
    bytes += coded?.length ?? 0
    for (let at = 0; at < settings.width * settings.height; at += 7) {
      const painted = (((luma[at] ?? 0) - 16) * 255) / 219
      squares += (painted - (data[at * 4 + 1] ?? 0)) ** 2
      samples++
    }
    picture.letGo()
  }
  await encoder.close()
  pool.close()
  return { error: squares / samples, bytes }
}

for (const kind of [x264, vp8]) {
  test(`${kind.name} makes better pictures of no more bits where quality counts more`, async (t) => {
    const [latency, quality] = [await errorOf(kind, 'latency'), await errorOf(kind, 'quality')]
    t.diagnostic(`${JSON.stringify(latency)} and ${JSON.stringify(quality)}`)
    assert.ok(quality.error < latency.error * 0.95)
    assert.ok(quality.bytes < latency.bytes * 1.05)
  })
}

/** The number of reference pictures that a baseline stream's sequence parameters ask for (H.264, 7.3.2.1.1). */
function referencesOf(unit: Buffer): number {
  const start = unit.indexOf(Uint8Array.of(0, 0, 1, 0x67)) + 4
  assert.ok(start >= 4, 'there are sequence parameters')
  let bit = (start + 3) * 8
  const next = () => ((unit[bit >> 3] ?? 0) >> (7 - (bit++ & 7))) & 1
  const golomb = () => {
    let zeros = 0
    while (next() === 0) zeros++
    let value = 1
    for (let read = 0; read < zeros; read++) value = value * 2 + next()
    return value - 1
  }
  golomb()
  golomb()
  const orderType = golomb()
  if (orderType === 0) golomb()
  assert.notEqual(orderType, 1)
  return golomb()
}

for (const preset of ['latency', 'quality'] as const) {
  test(`x264 builds on one picture only, with preset ${preset}`, async () => {
    const pool = new FramePool({ ...settings, capacity: 1 })
    const encoder = await VideoEncoder.open(x264, { ...settings, preset })
    const picture = pool.take() ?? assert.fail('no picture')
    let first: Buffer | undefined
    await encoder.encode(picture.frame, 0, true, (data) => (first = Buffer.from(data)))
    assert.equal(referencesOf(first ?? assert.fail()), 1)
    picture.letGo()
    await encoder.close()
    pool.close()
  })
}
