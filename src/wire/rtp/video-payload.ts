import type { VideoCodec } from '../../domain/video-codec.ts'
import { packetiseH264 } from './h264-payload.ts'
import type { RtpPacket } from './rtp-packet.ts'
import { packetiseVp8, writeVp8PictureId } from './vp8-payload.ts'

/** How pictures of one codec go by RTP. */
export interface VideoPayload {
  /** The packets of one coded picture, which all viewers share. */
  readonly packetise: (picture: Uint8Array) => RtpPacket[]
  /** Writes what each viewer has numbers of its own for into a copy of a packet, whose payload begins at `offset`. */
  readonly numberPicture: ((bytes: Uint8Array, offset: number, picture: number) => void) | undefined
}

export const videoPayloads: Readonly<Record<VideoCodec, VideoPayload>> = {
  h264: { packetise: packetiseH264, numberPicture: undefined },
  vp8: {
    packetise: (picture) => packetiseVp8(picture, 0),
    numberPicture: (bytes, offset, picture) => writeVp8PictureId(bytes, offset, picture & 0x7fff),
  },
}
