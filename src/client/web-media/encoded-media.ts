import type { VideoCodec } from '../../domain/video-codec.ts'
import type { WebPicture, WebSound } from '../../wire/web-media/host-media-message.ts'
import type { WebMediaPlatform } from './web-media-platform.ts'

export interface EncodedMediaOptions {
  /** What is asked for, best first. */
  readonly codecs: readonly VideoCodec[]
  /** Where sockets come from, and voices go. */
  readonly platform: WebMediaPlatform
  readonly onPicture: (picture: WebPicture) => void
  readonly onSound: (sound: WebSound) => void
}

/** Media as it comes over the web port, not decoded: for programs that record it or pass it on. */
export function encodedMedia(options: EncodedMediaOptions): WebMediaPlatform {
  const { platform, codecs, onPicture, onSound } = options
  return {
    createSocket: (url, protocols) => platform.createSocket(url, protocols),
    whyMute: () => platform.whyMute(),
    openVoice: (track, events) => platform.openVoice(track, events),
    codecs: async () => codecs,
    whyNot: () => 'no codec was asked for',
    wantsHeadStart: false,
    openPlayer({ shows }) {
      const counts = { videoBytes: 0, audioBytes: 0, framesDecoded: 0, framesDropped: 0, width: 0, height: 0 }
      let isClosed = false
      return {
        tracks: undefined,
        picture(picture) {
          if (isClosed) return
          // On a new path the host begins with a key picture; what came before it has nothing to build upon.
          if (counts.framesDecoded === 0 && !picture.key) return void counts.framesDropped++
          counts.framesDecoded++
          counts.videoBytes += picture.data.length
          counts.width = picture.width
          counts.height = picture.height
          shows()
          onPicture(picture)
        },
        sound(sound) {
          if (isClosed) return
          counts.audioBytes += sound.data.length
          onSound(sound)
        },
        counts: () => ({ ...counts, decodeS: 0, jitterBufferS: 0, jitterBufferFrames: 0, freezes: 0, frozenS: 0 }),
        close() {
          isClosed = true
        },
      }
    },
  }
}
