import type { WebPicture } from '../../wire/web-media/host-media-message.ts'
import { codecStringOf } from './codec-string.ts'
import { openPictureTrack, type PictureTrack } from './picture-track.ts'

export interface PicturePlayerEvents {
  /** The first picture is there to be seen. */
  shows(): void
  /** What came cannot be decoded; only a key picture helps. */
  needsKey(): void
}

/** More pictures than this waiting for the decoder: it is too slow, and goes on at a key picture. */
const maxWaiting = 12

/** Decodes pictures as they come and shows each at once. */
export class PicturePlayer {
  readonly #events: PicturePlayerEvents
  readonly #output: PictureTrack = openPictureTrack()
  #decoder: VideoDecoder | undefined
  #configured = ''
  #needsKey = true
  #decodingSinceMs = new Map<number, number>()
  /** Capture time of what is seen minus the time by this machine's clock, in milliseconds. */
  #seenMs: number | undefined
  readonly counts = { decoded: 0, dropped: 0, decodeS: 0, bytes: 0, width: 0, height: 0 }

  constructor(events: PicturePlayerEvents) {
    this.#events = events
  }

  get track(): MediaStreamTrack {
    return this.#output.track
  }

  get seenMs(): number | undefined {
    return this.#seenMs
  }

  add(picture: WebPicture): void {
    this.counts.bytes += picture.data.length
    if (this.#needsKey && !picture.key) return this.#drop()
    if (!picture.key && (this.#decoder?.decodeQueueSize ?? 0) > maxWaiting) return this.#giveUp()
    try {
      if (picture.key) this.#configure(codecStringOf(picture))
      this.#needsKey = false
      this.#decodingSinceMs.set(picture.captureUs, performance.now())
      const { key, captureUs: timestamp, data } = picture
      this.#decoder?.decode(new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp, data }))
    } catch {
      this.#giveUp()
    }
  }

  close(): void {
    this.#closeDecoder()
    this.#output.close()
  }

  #configure(codec: string): void {
    if (this.#decoder?.state === 'configured' && codec === this.#configured) return
    this.#closeDecoder()
    const decoder = new VideoDecoder({
      output: (frame) => this.#show(frame),
      error: () => {
        if (this.#decoder === decoder) this.#giveUp()
      },
    })
    decoder.configure({ codec, optimizeForLatency: true })
    this.#decoder = decoder
    this.#configured = codec
  }

  #show(frame: VideoFrame): void {
    const { counts } = this
    const nowMs = performance.now()
    const sinceMs = this.#decodingSinceMs.get(frame.timestamp)
    this.#decodingSinceMs.delete(frame.timestamp)
    if (sinceMs !== undefined) counts.decodeS += (nowMs - sinceMs) / 1000
    counts.width = frame.displayWidth
    counts.height = frame.displayHeight
    this.#seenMs = frame.timestamp / 1000 - nowMs
    this.#output.show(frame)
    if (counts.decoded++ === 0) this.#events.shows()
  }

  /** Nothing more is decoded before the next key picture, which is asked for. */
  #giveUp(): void {
    this.#closeDecoder()
    this.#needsKey = true
    this.#drop()
    this.#events.needsKey()
  }

  #drop(): void {
    this.counts.dropped++
  }

  #closeDecoder(): void {
    const decoder = this.#decoder
    this.#decoder = undefined
    this.#decodingSinceMs = new Map()
    if (decoder && decoder.state !== 'closed') decoder.close()
  }
}
