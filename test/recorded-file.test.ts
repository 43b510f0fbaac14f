import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Decoder, Demuxer } from 'node-av/api'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { x264 } from '../src/media/process/encode/software-encoders.ts'
import { VideoEncoder } from '../src/media/process/encode/video-encoder.ts'
import { FramePool } from '../src/media/process/picture/frame-pool.ts'
import { ViewError } from '../src/view/contract/view-error.ts'
import { MatroskaRecorder } from '../src/view/record/matroska-recorder.ts'

const pictureUs = 40_000
const soundUs = 20_000
/** Twenty milliseconds of nothing, as Opus. */
const silence = Uint8Array.of(0xfc, 0xff, 0xfe)

/** So many pictures of a size, from a time on. */
async function record(
  recorder: MatroskaRecorder,
  { width, height, fromUs, count }: { width: number; height: number; fromUs: number; count: number },
): Promise<void> {
  const shape = { width, height, fps: 25, bitrateBps: 400_000 }
  const pool = new FramePool({ ...shape, capacity: 1 })
  const encoder = await VideoEncoder.open(x264, { ...shape, preset: 'latency' })
  for (let index = 0; index < count; index++) {
    const picture = pool.take() ?? assert.fail('no picture')
    for (const plane of picture.frame.data ?? []) plane?.fill(40 + index * 4)
    const captureUs = fromUs + index * pictureUs
    await encoder.encode(picture.frame, captureUs, index === 0, (data, key) =>
      recorder.picture({ codec: 'h264', width, height, key, captureUs, data }),
    )
    picture.letGo()
  }
  await encoder.close()
  pool.close()
}

test('MatroskaRecorder writes one file that plays over a lost path and a change of size, with its sound in step', async (t) => {
  const file = join(temporaryDirectory(t), 'evening.mkv')
  const beganUs = 7_000_000_000
  const recorder = new MatroskaRecorder(file)
  const sound = (fromUs: number, toUs: number) => {
    for (let captureUs = fromUs; captureUs < toUs; captureUs += soundUs) {
      recorder.sound({ captureUs, positionSamples: ((captureUs - beganUs) * 48) / 1000, data: silence })
    }
  }
  await record(recorder, { width: 320, height: 180, fromUs: beganUs, count: 25 })
  sound(beganUs, beganUs + 1_000_000)
  // For two seconds nothing comes; by the next path there is less room.
  await record(recorder, { width: 160, height: 90, fromUs: beganUs + 3_000_000, count: 25 })
  sound(beganUs + 3_000_000, beganUs + 4_000_000)
  recorder.close()
  assert.deepEqual(recorder.counts, { pictures: 50, sounds: 100, dropped: 0 })
  assert.equal(recorder.durationMs, 3980)

  await using input = await Demuxer.open(file)
  assert.ok(Math.abs(input.duration - 4) < 0.1, `it has ${input.duration} s`)
  const [video, audio] = [input.video() ?? assert.fail(), input.audio() ?? assert.fail()]
  using pictures = await Decoder.create(video)
  using sounds = await Decoder.create(audio)
  const seen: { readonly width: number; readonly atMs: number }[] = []
  const heardMs: number[] = []
  const timeOf = (pts: bigint, { timeBase: { num, den } }: typeof video) => Math.round((Number(pts) * 1000 * num) / den)
  const show = (frames: Awaited<ReturnType<Decoder['decodeAll']>>) => {
    for (const { width, pts } of frames) seen.push({ width, atMs: timeOf(pts, video) })
  }
  for await (const packet of input.packets()) {
    if (!packet) break
    if (packet.streamIndex === video.index) show(await pictures.decodeAll(packet))
    else if ((await sounds.decodeAll(packet)).length > 0) heardMs.push(timeOf(packet.pts, audio))
  }
  show(await pictures.decodeAll(null))
  assert.deepEqual(
    seen.map(({ width }) => width),
    [...Array.from({ length: 25 }, () => 320), ...Array.from({ length: 25 }, () => 160)],
  )
  assert.deepEqual([seen[0]?.atMs, seen[24]?.atMs, seen[25]?.atMs], [0, 960, 3000])
  assert.deepEqual([heardMs.length, heardMs[0], heardMs[49], heardMs[50]], [100, 0, 980, 3000])
})

test('MatroskaRecorder takes the place of no file, and leaves none with nothing in it', async (t) => {
  const directory = temporaryDirectory(t)
  const taken = join(directory, 'taken.mkv')
  await writeFile(taken, 'an evening')
  const isUnusable = (error: unknown) => error instanceof ViewError && error.code === 'unusable-files'
  assert.throws(() => new MatroskaRecorder(taken), isUnusable)
  assert.throws(() => new MatroskaRecorder(join(directory, 'nowhere', 'x.mkv')), isUnusable)
  const empty = join(directory, 'empty.mkv')
  new MatroskaRecorder(empty).close()
  assert.equal(existsSync(empty), false)
})
