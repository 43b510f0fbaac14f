import type { VoiceUnit } from '../../media/contract/voice.ts'
import { decodeRtp } from '../../wire/rtp/rtp-header.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { ViewerStreams } from '../link/viewer-streams.ts'

/** The Opus packet in an RTP packet of the microphone (RFC 7587, section 4.2); undefined for anything else. */
export function readVoice(bytes: Uint8Array, audio: NonNullable<ViewerStreams['audio']>): VoiceUnit | undefined {
  try {
    const packet = decodeRtp(bytes, 0)
    if (packet.payloadType !== audio.payloadType || packet.ssrc !== audio.voiceSsrc) return undefined
    // What is nothing but padding says nothing.
    return packet.payload.length > 0 ? { timestamp: packet.timestamp, data: packet.payload } : undefined
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
