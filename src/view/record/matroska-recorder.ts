import { closeSync, openSync, rmSync } from 'node:fs'
import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_VP8,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import { FFmpegError, FormatContext, Packet, Rational, type Stream } from 'node-av/lib'
import type { VideoCodec } from '../../domain/video-codec.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { WebPicture, WebSound } from '../../wire/web-media/host-media-message.ts'
import { ViewError } from '../contract/view-error.ts'

const codecIds: Readonly<Record<VideoCodec, number>> = { h264: AV_CODEC_ID_H264, vp8: AV_CODEC_ID_VP8 }
const microseconds = new Rational(1, 1_000_000)
/** RFC 7845, section 5.1: version 1, two channels, 312 samples to be skipped, 48 kHz, no gain, mapping family 0. */
const opusHead = Buffer.from('OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00', 'latin1')
/** The host's clock has begun anew, or what comes is of another one: time goes on where it was. */
const mostJumpUs = 60_000_000
/** Of two packets of a track: Matroska counts milliseconds. */
const leastApartUs = 1000

interface Track {
  readonly stream: Stream
  /** Of the last packet: time never goes back within a track. */
  lastUs: number
}

/**
 * Writes pictures and sound into a Matroska file as the host encoded them. It begins with the first key picture, goes on over
 * everything that a viewer survives, and is whole once it is closed; a file that is not closed plays as far as it was written.
 */
export class MatroskaRecorder implements Disposable {
  readonly file: string
  readonly #output = new FormatContext()
  #tracks: { readonly video: Track; readonly audio: Track; readonly codec: VideoCodec } | undefined
  /** What is taken off times of the host. */
  #originUs = 0
  #newestUs = 0
  #isClosed = false
  #counts = { pictures: 0, sounds: 0, dropped: 0 }
  /** After a codec that the file cannot change to, or pictures that were lost, until a key picture. */
  #wantsKey = true

  /** Throws ViewError `unusable-files` for a file that is there already, or cannot be made. It is there from now on. */
  constructor(file: string) {
    this.file = file
    create(file)
    check(this.#output.allocOutputContext2(null, 'matroska', file), `Cannot write ${file}`)
  }

  /** Written, and not written since the file has no place for it. */
  get counts(): Readonly<{ pictures: number; sounds: number; dropped: number }> {
    return this.#counts
  }

  /** How long it is, in milliseconds. */
  get durationMs(): number {
    return this.#newestUs / 1000
  }

  /** Throws FFmpegError when the file cannot be written. */
  picture(picture: WebPicture): void {
    if (this.#isClosed) return
    if (picture.key) this.#wantsKey = false
    if (this.#tracks && this.#tracks.codec !== picture.codec) this.#wantsKey = true
    if (this.#wantsKey) return void this.#counts.dropped++
    this.#tracks ??= this.#begin(picture)
    this.#write(this.#tracks.video, picture, picture.key)
    this.#counts.pictures++
  }

  /** As {@link picture}. */
  sound(sound: WebSound): void {
    if (this.#isClosed || !this.#tracks) return
    // What was said before the first picture.
    if (sound.captureUs < this.#originUs) return
    this.#write(this.#tracks.audio, sound, true)
    this.#counts.sounds++
  }

  /** Finishes the file; one with no picture in it goes. Idempotent. Throws FFmpegError when the disk is full, for instance. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      if (this.#tracks) check(this.#output.writeTrailerSync(), `Cannot finish ${this.file}`)
    } finally {
      this.#output.closeOutputSync()
      this.#output.freeContext()
      if (!this.#tracks) rmSync(this.file, { force: true })
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** The first key picture says all that the head of the file needs. */
  #begin({ codec, width, height, data, captureUs }: WebPicture) {
    const [video, audio] = [this.#output.newStream(), this.#output.newStream()]
    Object.assign(video.codecpar, { codecType: AVMEDIA_TYPE_VIDEO, codecId: codecIds[codec], width, height })
    if (codec === 'h264') video.codecpar.extradata = Buffer.from(data)
    Object.assign(audio.codecpar, { codecType: AVMEDIA_TYPE_AUDIO, codecId: AV_CODEC_ID_OPUS, sampleRate: 48_000 })
    audio.codecpar.channelLayout = AV_CHANNEL_LAYOUT_STEREO
    audio.codecpar.extradata = opusHead
    check(this.#output.openOutputSync(), `Cannot write ${this.file}`)
    check(this.#output.writeHeaderSync(), `Cannot write ${this.file}`)
    this.#originUs = captureUs
    const track = (stream: Stream): Track => ({ stream, lastUs: -leastApartUs })
    return { video: track(video), audio: track(audio), codec }
  }

  #write(track: Track, { captureUs, data }: Pick<WebPicture, 'captureUs' | 'data'>, isKey: boolean): void {
    if (Math.abs(captureUs - this.#originUs - this.#newestUs) > mostJumpUs) this.#originUs = captureUs - this.#newestUs
    const atUs = Math.max(track.lastUs + leastApartUs, Math.round(captureUs - this.#originUs))
    track.lastUs = atUs
    this.#newestUs = Math.max(this.#newestUs, atUs)
    using packet = new Packet()
    packet.alloc()
    const time = BigInt(atUs)
    Object.assign(packet, { data: Buffer.from(data), streamIndex: track.stream.index, pts: time, dts: time })
    packet.isKeyframe = isKey
    packet.rescaleTs(microseconds, track.stream.timeBase)
    check(this.#output.interleavedWriteFrameSync(packet), `Cannot write ${this.file}`)
  }
}

function create(file: string): void {
  try {
    closeSync(openSync(file, 'wx'))
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'EEXIST'
        ? 'it is there already, and is not written over'
        : messageOf(error)
    throw new ViewError('unusable-files', `Cannot write ${file}: ${why}.`, { cause: error })
  }
}

function check(code: number, what: string): void {
  FFmpegError.throwIfError(code, what)
}
