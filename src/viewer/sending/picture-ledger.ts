import type { VideoCodec } from '../../domain/video-codec.ts'

/** What is to be known of a picture when one of its packets leaves, for the first time or again. */
export interface SentPicture {
  readonly codec: VideoCodec
  readonly key: boolean
  readonly captureUs: number
  /** VP8's 15-bit number of the picture: without gaps, or else the receiver waits for what never comes. */
  readonly pictureId: number
}

/** More pictures than a resend can reach back. */
const capacity = 256

/** A viewer's latest pictures by their RTP timestamps. */
export class PictureLedger {
  readonly #pictures = new Map<number, SentPicture>()
  #pictureId: number

  /** `firstPictureId` is random, 15 bits. */
  constructor(firstPictureId: number) {
    this.#pictureId = firstPictureId & 0x7fff
  }

  add(timestamp: number, { codec, key, captureUs }: Omit<SentPicture, 'pictureId'>): void {
    this.#pictures.set(timestamp, { codec, key, captureUs, pictureId: this.#pictureId })
    this.#pictureId = (this.#pictureId + 1) & 0x7fff
    if (this.#pictures.size <= capacity) return
    for (const oldest of this.#pictures.keys()) {
      this.#pictures.delete(oldest)
      break
    }
  }

  get(timestamp: number): SentPicture | undefined {
    return this.#pictures.get(timestamp)
  }
}
