import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { EncoderCatalogue } from './encoder-catalogue.ts'
import { FfmpegLog } from '../ffmpeg/ffmpeg-log.ts'
import { FramePool } from '../picture/frame-pool.ts'
import { nalTypes } from './annex-b.ts'
import { FrameCadence } from './frame-cadence.ts'
import { Reopening } from './reopening.ts'
import { vp8, x264 } from './software-encoders.ts'
import { type EncoderKind, VideoEncoder } from './video-encoder.ts'

/** Keeps FFmpeg from printing. */
const ffmpegLog = new FfmpegLog(() => {})

const settings = { width: 640, height: 360, fps: 60, bitrateBps: 2_000_000, preset: 'latency' } as const

interface Coded {
  readonly data: Buffer
  readonly key: boolean
  readonly quantizer: number | undefined
}

/** Noise that differs so much from picture to picture that it takes all the bits that there are. */
const texture = Uint8Array.from(
  { length: 640 * 360 + 200 * 5003 },
  (_, at) => 110 + (Math.imul(at ^ (at >>> 7), 2_654_435_761) >>> 27),
)

/** Encodes pictures of moving noise, `intervalUs` apart. */
async function encode(
  kind: EncoderKind,
  count: number,
  options: {
    intervalUs: (index: number) => number
    before?: (encoder: VideoEncoder, index: number, timeUs: number) => void
    key?: number
  },
): Promise<Coded[]> {
  const pool = new FramePool({ ...settings, capacity: 1 })
  const encoder = await VideoEncoder.open(kind, settings)
  const coded: Coded[] = []
  let timeUs = 1_000_000
  for (let index = 0; index < count; index++) {
    const picture = pool.take() ?? assert.fail('no picture')
    const [luma, ...chroma] = picture.frame.data ?? []
    luma?.set(texture.subarray(index * 5003, index * 5003 + luma.length))
    for (const plane of chroma) plane?.fill(128)
    options.before?.(encoder, index, timeUs)
    await encoder.encode(picture.frame, timeUs, index === 0 || index === options.key, (data, key, quantizer) => {
      coded.push({ data: Buffer.from(data), key, quantizer })
    })
    picture.letGo()
    timeUs += options.intervalUs(index)
  }
  await encoder.close()
  pool.close()
  return coded
}

const bytesOf = (coded: readonly Coded[]) => coded.reduce((sum, { data }) => sum + data.length, 0)

test('VideoEncoder gives one H.264 access unit for each picture, and a self-contained one where asked', async () => {
  const coded = await encode(x264, 12, { intervalUs: () => 16_667, key: 6 })
  assert.deepEqual(
    coded.map(({ key }) => key),
    Array.from({ length: 12 }, (_, index) => index === 0 || index === 6),
  )
  assert.deepEqual(
    nalTypes(coded[6]?.data ?? Buffer.of()).filter((type) => type !== 6),
    [7, 8, 5],
  )
  const parameters = coded[0]?.data ?? Buffer.of()
  const at = parameters.indexOf(Buffer.of(0, 0, 1, 0x67)) + 4
  assert.equal(parameters[at], 66, 'profile_idc')
  assert.equal((parameters[at + 1] ?? 0) & 0xc0, 0xc0, 'constraint flags of constrained baseline')
  assert.deepEqual(
    coded.map(({ quantizer = -1 }) => quantizer >= 0 && quantizer <= 51),
    Array.from({ length: 12 }, () => true),
  )
})

test('VideoEncoder follows a bitrate that changes in mid-stream without a key picture', async () => {
  const coded = await encode(x264, 180, {
    intervalUs: () => 16_667,
    before: (encoder, index) => index === 90 && encoder.setBitrate(500_000),
  })
  assert.equal(coded.filter(({ key }) => key).length, 1)
  const [high, low] = [bytesOf(coded.slice(30, 90)), bytesOf(coded.slice(120, 180))]
  assert.ok(low < high / 2.5, `${high} bytes before, ${low} after`)
  assert.ok(low * 8 <= 500_000 * 1.3, `${low * 8} bits in a second`)
})

test('VideoEncoder gives slow pictures the bits of the time that they take, by FrameCadence', async () => {
  const cadence = new FrameCadence(60)
  const coded = await encode(x264, 72, {
    intervalUs: () => 41_667,
    before: (encoder, _index, timeUs) => encoder.setBitrate(settings.bitrateBps, cadence.next(timeUs)),
  })
  const bps = (bytesOf(coded.slice(24)) * 8) / 2
  assert.ok(bps > settings.bitrateBps * 0.6 && bps < settings.bitrateBps * 1.15, `${bps} bit/s`)
})

test('VideoEncoder encodes VP8 with key pictures where asked', async () => {
  const coded = await encode(vp8, 8, { intervalUs: () => 16_667, key: 5 })
  assert.deepEqual(
    coded.map(({ key }) => key),
    [true, false, false, false, false, true, false, false],
  )
})

test('FrameCadence never raises the bits a second above the rate, and reaches most of it at a steady cadence', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 8_000, max: 400_000 }), { minLength: 20, maxLength: 200 }), (intervals) => {
      const cadence = new FrameCadence(60)
      let timeUs = 0
      let shares = cadence.next(timeUs)
      for (const intervalUs of intervals) {
        timeUs += intervalUs
        const boost = cadence.next(timeUs)
        assert.ok(boost >= 1 && boost <= 4)
        assert.ok(boost === 1 || boost <= (intervalUs / 16_667) * 1.05, `${boost} after ${intervalUs} µs`)
        shares += boost
      }
      const fastest = intervals.filter((intervalUs) => intervalUs < 16_667).length
      assert.ok(shares - 1 - fastest <= (timeUs / 16_667) * 1.05)
    }),
  )
  for (const [fps, least] of [
    [60, 1],
    [30, 1.5],
    [24, 2],
    [15, 3],
  ] as const) {
    const cadence = new FrameCadence(60)
    let boost = 0
    for (let index = 0; index < 60; index++) boost = cadence.next((index * 1_000_000) / fps)
    assert.ok(boost >= least, `${boost} at ${fps}`)
  }
})

test('Reopening follows a deep fall at once, a fall soon, a rise late and a trifle never', () => {
  const second = 1_000_000
  const opened = () => {
    const reopening = new Reopening()
    reopening.opened(2_000_000)
    return reopening
  }
  assert.equal(opened().due(1_000_000, 0), true)
  const fall = opened()
  assert.deepEqual(
    [0, 0.5, 1].map((at) => fall.due(1_500_000, at * second)),
    [false, false, true],
  )
  const rise = opened()
  assert.deepEqual(
    [0, 3, 4].map((at) => rise.due(3_000_000, at * second)),
    [false, false, true],
  )
  const trifle = opened()
  assert.deepEqual(
    [0, 60].map((at) => trifle.due(2_200_000, at * second)),
    [false, false],
  )
  const wavering = opened()
  assert.equal(wavering.due(3_000_000, 0), false)
  assert.equal(wavering.due(2_000_000, 3 * second), false)
  assert.equal(wavering.due(3_000_000, 5 * second), false)
})

test('EncoderCatalogue opens the best working encoder and refuses a size that none can do', async () => {
  const catalogue = await EncoderCatalogue.probe(ffmpegLog)
  const best = catalogue.reports.find(({ codec, available }) => codec === 'h264' && available)
  const encoder = await catalogue.open('h264', settings)
  assert.equal(encoder.kind.name, best?.name)
  await encoder.close()
  await assert.rejects(catalogue.open('h264', { ...settings, width: 100_000 }), { code: 'codec-failed' })
})
