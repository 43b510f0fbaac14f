import { codecFacts, videoCodecs, type VideoCodec } from '../../domain/video-codec.ts'
import { PicturePlayer } from './picture-player.ts'
import { hasTrackGenerator } from './picture-track.ts'
import { SoundPlayer } from './sound-player.ts'
import { openVoiceCapture, type VoiceCapture, type VoiceEvents } from './voice-capture.ts'
import type { WebPicture, WebSound } from '../../wire/web-media/host-media-message.ts'
import type { MediaTracks } from '../path/media-path.ts'
import type { StatsSample } from '../stats/viewer-stats.ts'

/** What a media socket has to be able to do. */
export type MediaSocketLike = Pick<WebSocket, 'send' | 'close' | 'readyState' | 'bufferedAmount' | 'binaryType'> &
  Pick<EventTarget, 'addEventListener'>

/** What plays media that comes over the web port. */
export interface WebMediaPlayer {
  /** Undefined where nothing is decoded. */
  readonly tracks: MediaTracks | undefined
  picture(picture: WebPicture): void
  sound(sound: WebSound): void
  counts(): Omit<StatsSample, 'atMs' | 'packetsReceived' | 'packetsLost' | 'roundTripS' | 'path' | 'codec'>
  close(): void
}

/** What media over the web port takes from the machine. */
export interface WebMediaPlatform {
  /** What can be decoded, best first; empty when nothing can. */
  codecs(): Promise<readonly VideoCodec[]>
  /** For people: why nothing can be decoded. */
  whyNot(): string
  createSocket(url: string, protocols: string[]): MediaSocketLike
  openPlayer(events: { shows: () => void; needsKey: () => void }): WebMediaPlayer
  /**
   * Its first picture has to come before a peer connection is made: where pictures go through a canvas (Firefox), none is shown
   * while the browser opens a device for sound, as it does for a peer connection.
   */
  readonly wantsHeadStart: boolean
  /** For people: why no voice can be sent; undefined where it can. */
  whyMute(): string | undefined
  openVoice(track: MediaStreamTrack, events: VoiceEvents): VoiceCapture
}

/** The browser's own: WebCodecs and an audio worklet. */
export const browserWebMedia: WebMediaPlatform = {
  wantsHeadStart: 'VideoDecoder' in globalThis && !hasTrackGenerator,
  async codecs() {
    if (!('VideoDecoder' in globalThis && 'AudioDecoder' in globalThis)) return []
    const asked = videoCodecs.map(async (name) => {
      const { supported } = await VideoDecoder.isConfigSupported({
        codec: codecFacts[name].webCodecs,
        optimizeForLatency: true,
      })
      return supported ? [name] : []
    })
    return (await Promise.all(asked)).flat()
  },
  whyNot: () =>
    'isSecureContext' in globalThis && !isSecureContext
      ? 'a browser decodes it on secure pages only: open this page by HTTPS, which a host speaks on the same port, or at localhost'
      : 'nothing here decodes it (a browser would have WebCodecs)',
  createSocket: (url, protocols) => new WebSocket(url, protocols),
  whyMute: () =>
    'AudioEncoder' in globalThis ? undefined : 'This browser cannot send the microphone through the web port',
  openVoice: openVoiceCapture,
  openPlayer(events) {
    const pictures = new PicturePlayer({ ...events, shows: () => events.shows() })
    let sound: SoundPlayer | undefined
    let isClosed = false
    let audioBytes = 0
    let soundDelayS = 0
    let soundCount = 0
    return {
      tracks: {
        video: pictures.track,
        async audio() {
          if (isClosed) throw new Error('The player was closed')
          sound ??= SoundPlayer.open()
          await sound.running
          return sound.track
        },
      },
      picture(picture) {
        pictures.add(picture)
        const { seenMs } = pictures
        if (seenMs !== undefined && sound?.heardMs !== undefined) sound.onAhead(sound.heardMs - seenMs)
      },
      sound(unit) {
        audioBytes += unit.data.length
        if (!sound) return
        soundDelayS += sound.delayMs / 1000
        soundCount++
        sound.add(unit)
      },
      counts() {
        const { decoded, dropped, decodeS, bytes, width, height } = pictures.counts
        return {
          videoBytes: bytes,
          audioBytes,
          framesDecoded: decoded,
          framesDropped: dropped,
          decodeS,
          // Pictures do not wait: it is sound that does.
          jitterBufferS: soundDelayS,
          jitterBufferFrames: soundCount,
          freezes: 0,
          frozenS: 0,
          width: width || undefined,
          height: height || undefined,
        }
      },
      close() {
        isClosed = true
        pictures.close()
        sound?.close()
      },
    }
  },
}
