import {
  AV_HWDEVICE_TYPE_VAAPI,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  FF_ENCODER_H264_NVENC,
  FF_ENCODER_H264_VAAPI,
} from 'node-av/constants'
import { Frame, HardwareDeviceContext, HardwareFramesContext } from 'node-av/lib'
import { mustSucceed } from '../ffmpeg/ffmpeg.ts'
import { FramePool } from '../picture/frame-pool.ts'
import { Scaler } from '../picture/scaler.ts'
import type { EncoderKind, Upload } from './video-encoder.ts'

/** NVIDIA's encoder takes our frames as they are. */
export const nvenc: EncoderKind = {
  name: FF_ENCODER_H264_NVENC,
  codec: 'h264',
  adjustable: true,
  options: {
    preset: 'p3',
    tune: 'ull',
    rc: 'cbr',
    profile: 'baseline',
    zerolatency: '1',
    delay: '0',
    'forced-idr': '1',
    // One reference, like x264.
    dpb_size: '1',
  },
  qualityOptions: { preset: 'p6' },
}

/** The encoders of Intel and AMD through VA-API, which want NV12 in memory of their own. */
export const vaapi: EncoderKind = {
  name: FF_ENCODER_H264_VAAPI,
  codec: 'h264',
  adjustable: false,
  options: { profile: 'constrained_baseline', rc_mode: 'CBR', async_depth: '1' },
  qualityOptions: {},
  prepare(context, { width, height }) {
    const upload = new VaapiUpload(width, height)
    context.pixelFormat = AV_PIX_FMT_VAAPI
    context.hwFramesCtx = upload.frames
    return upload
  },
}

const surfaces = 4

/** Converts to NV12 and copies to a surface of the first VA-API device. */
class VaapiUpload implements Upload {
  readonly frames = new HardwareFramesContext()
  readonly #device = new HardwareDeviceContext()
  readonly #nv12: FramePool
  readonly #scaler = new Scaler()

  /** Throws MediaError `codec-failed` where there is no such device. */
  constructor(width: number, height: number) {
    this.#nv12 = new FramePool({ width, height, capacity: 1, format: AV_PIX_FMT_NV12 })
    try {
      mustSucceed(this.#device.create(AV_HWDEVICE_TYPE_VAAPI), 'open a VA-API device')
      this.frames.alloc(this.#device)
      this.frames.format = AV_PIX_FMT_VAAPI
      this.frames.swFormat = AV_PIX_FMT_NV12
      this.frames.width = width
      this.frames.height = height
      this.frames.initialPoolSize = surfaces
      mustSucceed(this.frames.init(), 'allocate VA-API surfaces')
    } catch (error) {
      this.close()
      throw error
    }
  }

  async frame(source: Frame): Promise<Frame> {
    const staging = this.#nv12.take()
    const surface = new Frame()
    surface.alloc()
    try {
      if (!staging) throw new RangeError('Cannot upload two pictures at once')
      await this.#scaler.convert(source, staging.frame)
      mustSucceed(this.frames.getBuffer(surface), 'take a VA-API surface')
      mustSucceed(await this.frames.transferData(surface, staging.frame), 'upload a picture')
      surface.copyProps(staging.frame)
      return surface
    } catch (error) {
      surface.free()
      throw error
    } finally {
      staging?.letGo()
    }
  }

  close(): void {
    this.#scaler.close()
    this.#nv12.close()
    this.frames.free()
    this.#device.free()
  }
}
