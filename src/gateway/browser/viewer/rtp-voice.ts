import type { VoiceUnit } from '../../../media/voice.ts'
import { decodeRtp } from '../../../wire/rtp/rtp-header.ts'
import { WireError } from '../../../wire/wire-error.ts'
import type { OfferedAudio } from '../sdp/browser-offer.ts'

/** The Opus packet in an RTP packet of the microphone (RFC 7587, section 4.2); undefined for anything else. */
export function readVoice(bytes: Uint8Array, { payloadType, voice }: OfferedAudio): VoiceUnit | undefined {
  try {
    const packet = decodeRtp(bytes, 0)
    if (packet.payloadType !== payloadType || packet.ssrc !== voice?.ssrc) return undefined
    // What is nothing but padding says nothing.
    return packet.payload.length > 0 ? { timestamp: packet.timestamp, data: packet.payload } : undefined
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
