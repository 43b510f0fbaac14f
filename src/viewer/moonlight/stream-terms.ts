import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { RecordedMessage } from '../../kernel/monitor/recording.ts'

/** What a client and the host have agreed on, as far as sending needs it. */
export interface StreamTerms {
  /** What the client says when it connects the control stream, and with the pings that ask for pictures and for sound. */
  readonly connectData: number
  readonly pingPayloads: Readonly<Record<'audio' | 'video', string>>
  readonly key: StreamKey
  readonly packetBytes: number
  readonly leastParity: number
  readonly encrypts: { readonly video: boolean; readonly audio: boolean }
  /** Of all sound, wherever the session is: the client has opened its decoder for it. */
  readonly soundLayout: SoundLayout
  /** Of one packet of sound. */
  readonly audioPacketMs: 5 | 10
  /** What they have said to each other so far. */
  readonly said: readonly RecordedMessage[]
  /** Whether what they say from now on is recorded. */
  readonly isRecorded: boolean
}

/** By which everything of a stream is sealed. A secret. */
interface StreamKey {
  /** 16 bytes, hexadecimal. */
  readonly secret: string
  readonly keyId: number
}
