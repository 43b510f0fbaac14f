import { setImmediate } from 'node:timers/promises'
import { messageOf } from '../../../kernel/coded-error.ts'
import { MediaError } from '../../contract/media-error.ts'
import type { FfmpegLog } from '../ffmpeg/ffmpeg-log.ts'
import type { EncoderReport } from '../../link/messages.ts'
import { FramePool } from '../picture/frame-pool.ts'
import { idrSlice, nalTypes, pictureParameters, sequenceParameters } from './annex-b.ts'
import { type EncoderKind, VideoEncoder } from './video-encoder.ts'

const probeSettings = { width: 640, height: 368, fps: 30, bitrateBps: 1_000_000, preset: 'latency' } as const
const probePictures = 4
const keyPictures: ReadonlySet<number> = new Set([0, 2])

/** Runs each encoder on a few pictures and says whether what it makes can be used. */
export async function probeEncoders(kinds: readonly EncoderKind[], log: FfmpegLog): Promise<EncoderReport[]> {
  const reports: EncoderReport[] = []
  for (const kind of kinds) {
    log.takeLast()
    const report = { name: kind.name, codec: kind.codec }
    try {
      await probe(kind)
      reports.push({ ...report, available: true, reason: 'It works here.' })
    } catch (error) {
      // FFmpeg's own words arrive from another thread, one turn later.
      await setImmediate()
      reports.push({ ...report, available: false, reason: log.takeLast() ?? messageOf(error) })
    }
  }
  return reports
}

/** Throws MediaError `codec-failed` unless every picture comes out at once and key pictures come when asked for. */
async function probe(kind: EncoderKind): Promise<void> {
  const pool = new FramePool({ width: probeSettings.width, height: probeSettings.height, capacity: 1 })
  const encoder = await VideoEncoder.open(kind, probeSettings)
  try {
    for (let index = 0; index < probePictures; index++) {
      const picture = pool.take()
      if (!picture) throw new RangeError('Cannot probe: the one picture is still in use')
      for (const plane of picture.frame.data ?? []) plane?.fill(60 + index * 20)
      const wanted = keyPictures.has(index)
      let coded = 0
      await encoder.encode(picture.frame, index * 33_333, wanted, (data, key) => {
        coded++
        check(kind, key === wanted, `picture ${index} is ${key ? 'a' : 'no'} key picture`)
        if (key && kind.codec === 'h264') check(kind, isSelfContained(data), 'a key picture lacks parameter sets')
      })
      picture.letGo()
      check(kind, coded === 1, `${coded} pictures came out for one`)
    }
  } finally {
    await encoder.close()
    pool.close()
  }
}

function isSelfContained(accessUnit: Uint8Array): boolean {
  const types = nalTypes(accessUnit)
  return [sequenceParameters, pictureParameters, idrSlice].every((type) => types.includes(type))
}

function check(kind: EncoderKind, fine: boolean, found: string): void {
  if (!fine) throw new MediaError('codec-failed', `Cannot use ${kind.name}: ${found}`)
}
