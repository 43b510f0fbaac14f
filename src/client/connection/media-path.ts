import type { Closable } from '../../kernel/ending.ts'
import type { InputChannelLike } from '../input/input-sender.ts'
import type { VoicePath } from '../microphone/client-microphone.ts'
import type { StatsSample } from '../stats/viewer-stats.ts'

export interface MediaTracks {
  readonly video: MediaStreamTrack
  readonly audio: MediaStreamTrack
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
