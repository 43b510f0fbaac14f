import type { Closable } from '../../kernel/ending.ts'
import type { InputChannelLike } from '../input/input-sender.ts'
import type { VoicePath } from '../microphone/client-microphone.ts'
import type { StatsSample } from '../stats/viewer-stats.ts'

export interface MediaTracks {
  readonly video: MediaStreamTrack
  /**
   * The sound, or how to have it once there is a picture. It is to be asked for then and not before: Firefox shows no picture
   * while it opens a device for sound, which takes up to two seconds, unless there was one already.
   */
  readonly audio: MediaStreamTrack | (() => Promise<MediaStreamTrack>)
}

/** One way that pictures and sound come, and voice and input go. */
export interface MediaPath extends Closable, VoicePath {
  readonly by: 'peer' | 'web-port'
  /** Undefined where nothing is decoded. */
  readonly tracks: MediaTracks | undefined
  readonly keys: InputChannelLike
  /** Also tells where others point, as messages. */
  readonly pointer: InputChannelLike & EventTarget
  /** Its counters now. */
  sample(): Promise<StatsSample>
}
