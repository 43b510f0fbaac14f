import type { VideoCodec } from '../../../domain/video-codec.ts'
import { MediaError } from '../../contract/media-error.ts'
import type { FfmpegLog } from '../ffmpeg/ffmpeg-log.ts'
import type { EncoderReport } from '../../link/messages.ts'
import { probeEncoders } from './encoder-probe.ts'
import { nvenc, vaapi } from './hardware-encoders.ts'
import { vp8, x264 } from './software-encoders.ts'
import { type EncoderKind, type EncoderSettings, VideoEncoder } from './video-encoder.ts'

/** For each codec the best first. Quick Sync is not among them: VA-API reaches the same hardware. */
const tryList: readonly EncoderKind[] = [nvenc, vaapi, x264, vp8]

/** The encoders of this machine, probed. */
export class EncoderCatalogue {
  readonly reports: readonly EncoderReport[]
  readonly #working: readonly EncoderKind[]

  private constructor(reports: readonly EncoderReport[]) {
    this.reports = reports
    this.#working = tryList.filter(({ name }) => reports.some((report) => report.name === name && report.available))
  }

  static async probe(log: FfmpegLog): Promise<EncoderCatalogue> {
    return new EncoderCatalogue(await probeEncoders(tryList, log))
  }

  /**
   * Opens the best encoder that takes these settings; hardware may refuse a size or one stream more. Throws MediaError
   * `codec-failed` when none does.
   */
  async open(codec: VideoCodec, settings: EncoderSettings): Promise<VideoEncoder> {
    let refusal: unknown = new MediaError('codec-failed', `Cannot encode ${codec}: no encoder for it works here`)
    for (const kind of this.#working) {
      if (kind.codec !== codec) continue
      try {
        return await VideoEncoder.open(kind, settings)
      } catch (error) {
        refusal = error
      }
    }
    throw refusal
  }
}
